import { notJudged } from '../core/incident/set-aside.ts';
import type { Kill } from '../core/kill/kill.ts';
import { admitKill } from './admit.ts';
import type { WorkerNeeds } from './worker-needs.ts';
import { minuteMs } from '../core/units/duration.ts';

/** Scrapes come after the kill: by then every source has the suspect's usage. */
const settledMs = 75_000;
/**
 * Whether a runtime gave up only its log tells, and that is there until the next run has ended: kubelets start a failed
 * container again at once, then after 10 s, 20 s, 40 s …
 */
const logMs = 5_000;
const lateMs = 15 * minuteMs;
/** Each may wait for evidence until its deadline, and the next round waits for them. */
const atOnce = 5;

/** By fingerprint: not before this time is it judged again, ms UTC; Infinity if nothing new is to be expected. */
export type NextLooks = Map<string, number>;

/**
 * Judges suspects again that were undecided at first: once when their samples have come, and as long as evidence could
 * not be read at all, at twice the age of the look before, until it is late. `looks` is kept from round to round. Two
 * workers that judge the same suspect admit it only once. Returns how many turned out to be kills.
 */
export async function judgeAgain(needs: WorkerNeeds, looks: NextLooks): Promise<number> {
  const now = await needs.now();
  const suspects = await needs.store.suspects();
  const kept = new Set(suspects.map(({ kill }) => kill.fingerprint));
  for (const fingerprint of looks.keys()) if (!kept.has(fingerprint)) looks.delete(fingerprint);
  const due = suspects.filter(({ kill, why }) => why !== notJudged && isDue(kill, looks, now)).slice(0, atOnce);
  const became = await Promise.all(
    due.map(async ({ kill }) => {
      const admitted = await admitKill(kill, needs);
      const mayBeFound = admitted.is === 'suspect' && admitted.unread;
      looks.set(kill.fingerprint, mayBeFound ? now + (now - kill.seenAt) : Infinity);
      return admitted.is;
    }),
  );
  return became.filter((is) => is === 'opened' || is === 'joined').length;
}

function isDue({ fingerprint, kind, seenAt }: Kill, looks: NextLooks, now: number): boolean {
  const first = seenAt + (kind === 'self' ? logMs : settledMs);
  return now <= seenAt + lateMs && now >= (looks.get(fingerprint) ?? first);
}
