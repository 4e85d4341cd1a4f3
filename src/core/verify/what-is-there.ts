import type { Remediation } from '../incident/incident.ts';
import { hasWords } from '../recommend/change-words.ts';
import { ourselves } from '../remediate/follow-plan.ts';
import { clockTime } from '../talk/words.ts';
import { secondMs } from '../units/duration.ts';
import { formatBytes } from '../units/quantity.ts';
import type { Change, Observation, SeenPod } from './observation.ts';

/** What the cluster shows of an applied change. `seen` is a sentence, or the beginning of one, for people. */
export type There =
  | { readonly is: 'there'; readonly seen: string }
  | { readonly is: 'vanished'; readonly seen: string }
  /** It may be there, but nothing of it runs that could show whether it holds. */
  | { readonly is: 'idle'; readonly seen: string }
  | { readonly is: 'deleted'; readonly seen: string };

/** Whether an applied change is still there, and whether it runs; where not, who undid it as far as that is known. */
export function whatIsThere(
  remediation: Pick<Remediation, 'plan' | 'means' | 'applied'>,
  observation: Observation,
): There {
  const { plan } = remediation;
  if (!observation.exists) return { is: 'deleted', seen: 'the workload was deleted before it could be told.' };
  const { rollBack } = plan;
  const limit = plan.to.limitBytes === null ? 'no limit' : formatBytes(plan.to.limitBytes);
  const pods = observation.pods.filter((pod) => !isOlderRun(pod, remediation));
  const of = (some: readonly SeenPod[]): string => `${some.length} of ${pods.length} pods`;
  const gone = (what: string, lost: readonly SeenPod[]): There => ({
    is: 'vanished',
    seen: [`${of(lost)} ${what}.`, undoneBy(remediation, observation, lost)].join(' ').trimEnd(),
  });
  if (rollBack) {
    const newer = pods.filter((pod) => pod.revision !== rollBack.hash);
    if (newer.length > 0) return gone(`are not of revision ${rollBack.toRevision} any more`, newer);
  }
  const unflagged = pods.filter((pod) => plan.env.some((one) => !hasWords(pod.env[one.name] ?? null, one)));
  if (unflagged.length > 0) return gone('do not have the new flags any more', unflagged);
  const other = rollBack ? [] : pods.filter((pod) => pod.specLimitBytes !== plan.to.limitBytes);
  if (other.length > 0) {
    const bytes = other[0]?.specLimitBytes ?? null;
    return gone(`have ${bytes === null ? 'no limit' : formatBytes(bytes)} instead of ${limit}`, other);
  }
  const running = pods.filter((pod) => pod.running).length;
  if (running === 0) return { is: 'idle', seen: 'no pod of it ran at the check' };
  if (running < pods.length) return { is: 'idle', seen: `only ${running} of ${pods.length} pods run` };
  return { is: 'there', seen: running === 1 ? 'its pod runs' : `${running} pods run` };
}

/** Whether a change lives in running pods alone: pods that are made anew come from a template without it. */
function isInPodsOnly({ plan, means }: Pick<Remediation, 'plan' | 'means'>): boolean {
  return means === 'resize' && plan.workload !== null;
}

/** Who or what undid it, as a sentence; '' where nothing tells. */
function undoneBy(
  remediation: Pick<Remediation, 'plan' | 'means' | 'applied'>,
  { templateChange, templateLimitBytes, pods }: Observation,
  lost: readonly SeenPod[],
): string {
  const { plan, applied } = remediation;
  const since = applied?.at ?? 0;
  const isOthers = (change: Change | null): change is Change =>
    change !== null && change.by !== ourselves && change.at >= since - secondMs;
  const later = isOthers(templateChange) ? templateChange : null;
  const isPlanned = ({ uid }: SeenPod): boolean => plan.pods.some((pod) => pod.uid === uid);
  if (isInPodsOnly(remediation) && !lost.some(isPlanned)) {
    const has = templateLimitBytes === plan.from.limitBytes ? 'still has' : 'has';
    const limit = templateLimitBytes === null ? 'no limit' : formatBytes(templateLimitBytes);
    const only = `Only the running pods had been resized, and the template ${has} ${limit}.`;
    if (later !== null) return `A rollout replaced its pods (template changed by ${byWords(later, since)}). ${only}`;
    return `${pods.some(isPlanned) ? 'New pods were added.' : 'Its pods were replaced.'} ${only}`;
  }
  const change = later ?? lost.map(({ limitChange }) => limitChange).find(isOthers);
  return change ? `It was changed by ${byWords(change, since)}.` : '';
}

function byWords({ by, at }: Change, today: number): string {
  return `${by ?? 'an unknown user'} at ${clockTime(at, today)}`;
}

/** A change of a CronJob's template applies to the next Job; one that is already running keeps its limit. */
function isOlderRun(pod: SeenPod, { plan, applied }: Pick<Remediation, 'plan' | 'applied'>): boolean {
  return plan.workload?.kind === 'CronJob' && pod.startedAt !== null && pod.startedAt < (applied?.at ?? 0);
}
