import { notJudged } from '../core/incident/set-aside.ts';
import { admitKill } from './admit.ts';
import type { WorkerNeeds } from './worker-needs.ts';
import { minuteMs } from '../core/units/duration.ts';

/** Scrapes come after the kill: by then every source has the suspect's usage, and nothing new is to be expected. */
const settledMs = 75_000;
const lateMs = 15 * minuteMs;

/**
 * Judges suspects a second time that were undecided at first. `judged` holds the fingerprints that have been judged
 * again; it is added to. Two workers that judge the same suspect admit it only once. Returns how many turned out to be
 * kills.
 */
export async function judgeAgain(needs: WorkerNeeds, judged: Set<string>): Promise<number> {
  const now = await needs.now();
  const suspects = await needs.store.suspects();
  const kept = new Set(suspects.map(({ kill }) => kill.fingerprint));
  for (const fingerprint of judged) if (!kept.has(fingerprint)) judged.delete(fingerprint);
  let kills = 0;
  for (const { kill, why } of suspects) {
    const age = now - kill.seenAt;
    if (age < settledMs || age > lateMs || judged.has(kill.fingerprint) || why === notJudged) continue;
    const { is } = await admitKill(kill, needs);
    judged.add(kill.fingerprint);
    if (is === 'opened' || is === 'joined') kills += 1;
  }
  return kills;
}
