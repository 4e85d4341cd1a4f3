import type { Outcome } from '../incident/event.ts';
import { hasWords } from '../recommend/change-words.ts';
import type { Plan } from '../remediate/plan.ts';
import { formatBytes } from '../units/quantity.ts';
import { formatDuration } from '../units/duration.ts';
import type { Observation, SeenPod } from './observation.ts';

export interface VerifyRequest {
  readonly plan: Plan;
  readonly observation: Observation;
  /** Kills at the plan's limit since it was applied: only those count against it. */
  readonly killsAgainst: number;
  /** ms UTC */
  readonly appliedAt: number;
  readonly now: number;
}

/** Whether an applied change held: what the cluster shows now, and the kills since. `seen` is a sentence for people. */
export function verify(request: VerifyRequest): { readonly outcome: Outcome; readonly seen: string } {
  const { plan, observation, killsAgainst, appliedAt, now } = request;
  const { rollBack } = plan;
  const limit = plan.to.limitBytes === null ? 'no limit' : formatBytes(plan.to.limitBytes);
  const at = rollBack ? `revision ${rollBack.toRevision}` : limit;
  const since = formatDuration(Math.max(1000, Math.round((now - appliedAt) / 1000) * 1000));
  if (killsAgainst > 0)
    return {
      outcome: 'failed',
      seen: `killed ${times(killsAgainst)} ${withWhat(plan, at)} within ${since}.`,
    };
  if (!observation.exists)
    return { outcome: 'inconclusive', seen: 'the workload was deleted before it could be told.' };
  const pods = observation.pods.filter((pod) => !isOlderRun(pod, request));
  if (rollBack) {
    const newer = pods.filter((pod) => pod.revision !== rollBack.hash).length;
    if (newer > 0) return { outcome: 'vanished', seen: `${newer} of ${pods.length} pods are not of ${at} any more.` };
  }
  const other = rollBack ? [] : pods.filter((pod) => pod.specLimitBytes !== plan.to.limitBytes);
  const unflagged = pods.filter((pod) => plan.env.some((one) => !hasWords(pod.env[one.name] ?? null, one))).length;
  if (unflagged > 0)
    return { outcome: 'vanished', seen: `${unflagged} of ${pods.length} pods do not have the new flags any more.` };
  if (other.length > 0) {
    const bytes = other[0]?.specLimitBytes ?? null;
    const present = bytes === null ? 'no limit' : formatBytes(bytes);
    return { outcome: 'vanished', seen: `${other.length} of ${pods.length} pods have ${present} instead of ${limit}.` };
  }
  const running = pods.filter((pod) => pod.running).length;
  if (running === 0) return { outcome: 'inconclusive', seen: `no pod of it ran at the check after ${since}.` };
  if (running < pods.length)
    return { outcome: 'inconclusive', seen: `only ${running} of ${pods.length} pods run, ${since} after the change.` };
  return {
    outcome: 'held',
    seen: `no kill in ${since} at ${at}; ${running === 1 ? 'its pod runs' : `${running} pods run`}.`,
  };
}

/** What the killed pods had of the change. */
function withWhat({ rollBack, from, to, env }: Plan, at: string): string {
  if (rollBack) return `in ${at}`;
  if (to.limitBytes !== from.limitBytes) return `at the new limit of ${at}`;
  return `with the new ${env.map(({ name }) => name).join(' and ')}`;
}

/** A change of a CronJob's template applies to the next Job; one that is already running keeps its limit. */
function isOlderRun(pod: SeenPod, { plan, appliedAt }: VerifyRequest): boolean {
  return plan.workload?.kind === 'CronJob' && pod.startedAt !== null && pod.startedAt < appliedAt;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
