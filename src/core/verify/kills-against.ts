import type { Loaded, Remediation } from '../incident/incident.ts';
import { isAllAfter, killedAtMs } from '../kill/kill.ts';
import type { Kill } from '../kill/kill.ts';
import type { Plan } from '../remediate/plan.ts';
import { secondMs } from '../units/duration.ts';
import { limitAt } from '../kill/limit-at.ts';

/** Kills that certainly happened since the change was sent and count against it: the limit in force was the plan's. */
export function killsAgainst({ tally }: Pick<Loaded, 'tally'>, remediation: Remediation): readonly Kill[] {
  const { plan } = remediation;
  const sent = sentAt(remediation);
  // A change of flags alone keeps the limit: until it was seen everywhere, a kill may be of an old or a new pod.
  const flagsOnly = plan.rollBack === null && plan.to.limitBytes === plan.from.limitBytes;
  const since = (flagsOnly ? null : sent) ?? remediation.applied?.at ?? remediation.applyingSince;
  if (since === null) return [];
  return tally.recent.filter(
    (kill) =>
      isAllAfter(kill, since) &&
      isAgainst(kill, plan) &&
      !(flagsOnly && isOlderPod(kill, sent ?? since)) &&
      !isInTheMoment(kill, remediation),
  );
}

/** Kills that fall into the moment of the change. They speak neither for nor against it. */
export function killsInTheMoment({ tally }: Pick<Loaded, 'tally'>, remediation: Remediation): readonly Kill[] {
  return tally.recent.filter((kill) => isInTheMoment(kill, remediation));
}

/**
 * Whether a kill may be from before the change or from after it: its time is not certain, or its run began before the
 * change and ended before that was seen to be in force. The API's times are truncated to whole seconds.
 */
function isInTheMoment(kill: Kill, remediation: Remediation): boolean {
  const sent = sentAt(remediation);
  const seen = remediation.applied?.at ?? null;
  if (sent === null || seen === null || kill.seenAt < sent || isAllAfter(kill, seen)) return false;
  const latest = killedAtMs(kill) - (kill.clusterAheadMs ?? 0);
  if (latest + secondMs <= sent) return false;
  const started = kill.startedAt === null ? Number.NaN : Date.parse(kill.startedAt) - (kill.clusterAheadMs ?? 0);
  return !(started + secondMs > sent);
}

/** ms UTC when the change was written, or its pull request merged; null if that is not known. */
function sentAt({ pullRequest, writtenAt }: Remediation): number | null {
  return pullRequest ? (pullRequest.merged?.at ?? null) : writtenAt;
}

/** A running Job of a CronJob keeps the flags that it started with. The API's times are truncated to whole seconds. */
function isOlderPod({ podCreatedAt }: Kill, at: number): boolean {
  return podCreatedAt !== null && Date.parse(podCreatedAt) + secondMs < at;
}

/** Whether a kill counts against a plan: by the limit in force, and for a rollback by the restored revision. */
function isAgainst(kill: Kill, plan: Plan): boolean {
  if (plan.rollBack) return kill.revision === plan.rollBack.hash;
  return kill.orLimitBytes === undefined && limitAt(kill) === plan.to.limitBytes;
}
