import type { Loaded, Remediation } from '../../core/incident/incident.ts';
import { isBeingTakenBack } from '../../core/incident/follow-up.ts';
import { expectedRunMs, mostUsedSince, reachesAt } from '../../core/verify/expected-run.ts';
import { killsAgainst, killsInTheMoment } from '../../core/verify/kills-against.ts';
import type { VerifyRequest } from '../../core/verify/verify-request.ts';
import { isOnlyInPods } from '../../core/verify/only-in-pods.ts';
import { verify } from '../../core/verify/verify.ts';
import { usualRunMs } from '../../core/verify/watch-length.ts';
import { again } from '../after.ts';
import type { After } from '../after.ts';
import { applyEvents } from '../apply-events.ts';
import type { WorkerNeeds } from '../worker-needs.ts';
import { ifStill } from './if-still.ts';
import { lookAtChange } from './look-at-change.ts';
import { latestTrigger } from '../../core/incident/triggers.ts';

/**
 * One check of an applied change: what the cluster shows of it, the kills since, and what it used. A cluster that cannot
 * be read is asked again for a while; after that the check says so.
 */
export async function verifyStep(loaded: Loaded, remediation: Remediation, needs: WorkerNeeds): Promise<After> {
  const { plan, verifyAt } = remediation;
  const { tally } = loaded;
  const [observation, used] = await Promise.all([
    lookAtChange(loaded, remediation, needs).then((found) => ('seen' in found ? found.seen : found)),
    usedSince(loaded, remediation, needs),
  ]);
  const at = await needs.now();
  const against = killsAgainst(loaded, remediation);
  if ('unseen' in observation && against.length === 0 && at - (verifyAt ?? at) < needs.pace.confirmTimeoutMs)
    return { again: false, until: at + needs.pace.confirmEveryMs };
  const { explained } = loaded.incident;
  const appliedAt = remediation.applied?.at ?? at;
  const verified = verify({
    remediation,
    observation,
    against,
    inTheMoment: killsInTheMoment(loaded, remediation),
    ...used,
    expectedRunMs: expectedRunMs(
      plan,
      usualRunMs(tally.recent, appliedAt),
      explained?.diagnosis.slopeBytesPerSecond ?? null,
    ),
    cause: explained?.diagnosis.hypotheses[0]?.cause ?? null,
    leastMs: needs.pace.verifyAfterMs,
    mostMs: needs.pace.watchAtMostMs,
    now: at,
  });
  if (verified?.outcome === 'vanished' && isBeingTakenBack(loaded.incident, remediation))
    return { again: false, until: at + needs.pace.confirmEveryMs };
  const lasting = remediation.temporary && !('unseen' in observation) && !isOnlyInPods(plan, observation);
  const looked = { plan: plan.id, at, kills: tally.count, ...(lasting ? { lasting } : {}) };
  const event =
    verified === null
      ? ({ type: 'looked', ...looked } as const)
      : ({ type: 'verified', ...looked, ...verified } as const);
  await applyEvents(loaded.incident.id, needs, ifStill(remediation, [event]));
  return again;
}

/** What it used since the change and how it grows now, as far as anybody measures. */
async function usedSince(
  loaded: Loaded,
  { plan, applied }: Remediation,
  needs: WorkerNeeds,
): Promise<Pick<VerifyRequest, 'mostBytes' | 'growsUntil'>> {
  const since = applied?.at ?? (await needs.now());
  const found = await needs.reader.usage(latestTrigger(loaded), loaded.tally.recent, since);
  if (!found.found) return { mostBytes: null, growsUntil: null };
  const { limitBytes } = plan.to;
  return {
    mostBytes: mostUsedSince(found.value, since),
    growsUntil: limitBytes === null ? null : reachesAt(found.value, limitBytes, since),
  };
}
