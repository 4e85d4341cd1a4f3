import type { Loaded, Remediation } from '../../core/incident/incident.ts';
import { effectOf } from '../../core/verify/effect.ts';
import { nextCheckAt, watchOf } from '../../core/verify/watch-length.ts';
import { again } from '../after.ts';
import type { After } from '../after.ts';
import { applyEvents } from '../apply-events.ts';
import type { WorkerNeeds } from '../worker-needs.ts';
import { ifStill } from './if-still.ts';

/** Starts the verification: from when the change was seen, for as long as the evidence asks for. */
export async function watch(loaded: Loaded, remediation: Remediation, needs: WorkerNeeds): Promise<After> {
  const { plan, applied } = remediation;
  const { incident, tally } = loaded;
  const at = await needs.now();
  const appliedAt = applied?.at ?? at;
  const cause = incident.explained?.diagnosis.hypotheses[0]?.cause ?? null;
  const effect = effectOf(plan, cause);
  const { verifyAfterMs: leastMs, watchAtMostMs: mostMs } = needs.pace;
  const isMeasured = incident.explained !== null && incident.explained.lastSample !== null;
  const wanted =
    effect === 'mitigation'
      ? null
      : watchOf({ plan, cause, kills: tally.recent, appliedAt, isMeasured, leastMs, mostMs });
  const verifyAt = nextCheckAt({ appliedAt, leastMs }, wanted, appliedAt) ?? at;
  const event = { type: 'watched', plan: plan.id, at, kills: tally.count, effect, watch: wanted, verifyAt } as const;
  await applyEvents(incident.id, needs, ifStill(remediation, [event]));
  return again;
}
