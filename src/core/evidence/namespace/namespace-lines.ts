import type { Trigger } from '../../kill/trigger.ts';
import type { Fix, Mitigation, Recommendation } from '../../recommend/recommendation.ts';
import { formatBytes } from '../../units/quantity.ts';
import type { Evidence, EvidenceLine, NamespaceFacts } from '../evidence.ts';

/*
 * A namespace's quota and its LimitRange are said only where they bear on the limit that was reached, or where they
 * would refuse what is proposed: everywhere else they are no news.
 */

/** What is proposed, bytes; null where that side does not change. */
interface Proposal {
  readonly limitBytes: number | null;
  readonly requestBytes: number | null;
  readonly isOfPod: boolean;
}

export function namespaceLines(
  { value, source, at }: Extract<Evidence<NamespaceFacts>, { readonly found: true }>,
  trigger: Trigger,
  recommendation: Recommendation | null,
): EvidenceLine[] {
  const proposal = recommendation && (proposalOf(recommendation.fix) ?? proposalOf(recommendation.mitigation));
  const lines = [
    ['LimitRange', neverChosen(value, trigger)],
    ['LimitRange', proposal && aboveMost(value, proposal)],
    ['Quota', proposal && aboveQuota(value, proposal, trigger)],
  ] as const;
  return lines.flatMap(([label, text]) => (text === null ? [] : [{ label, text, source, at, missing: false }]));
}

function proposalOf(change: Fix | Mitigation | null): Proposal | null {
  if (change === null || !('requestBytes' in change)) return null;
  if ('pod' in change && change.pod !== undefined) return null;
  return {
    limitBytes: 'limitBytes' in change ? change.limitBytes : null,
    requestBytes: change.requestBytes,
    isOfPod: 'whose' in change && change.whose === 'pod',
  };
}

/** The admission says that it set the limit, and it is still what it sets. */
function neverChosen({ ranges, limitIsDefault }: NamespaceFacts, { limitBytes }: Trigger): string | null {
  if (!limitIsDefault || limitBytes === null) return null;
  const range = ranges.find(({ defaultBytes }) => defaultBytes === limitBytes);
  if (range === undefined) return null;
  return `nobody chose the limit of ${formatBytes(limitBytes)}: it is the default of LimitRange ${range.name}`;
}

function aboveMost({ namespace, ranges }: NamespaceFacts, { limitBytes, isOfPod }: Proposal): string | null {
  if (limitBytes === null || isOfPod) return null;
  const tightest = ranges.toSorted((a, b) => (a.maxBytes ?? Infinity) - (b.maxBytes ?? Infinity))[0];
  const most = tightest?.maxBytes ?? null;
  if (tightest === undefined || most === null || limitBytes <= most) return null;
  return `at most ${formatBytes(most)} for a container in ${namespace} (${tightest.name}), so ${formatBytes(limitBytes)} will be refused`;
}

/** The quota that lacks most; request and limit are counted by quotas of their own. */
function aboveQuota({ namespace, quotas, pods }: NamespaceFacts, proposal: Proposal, trigger: Trigger): string | null {
  const added = {
    'limits.memory': more(proposal.limitBytes, trigger.limitBytes),
    'requests.memory': more(proposal.requestBytes, trigger.requestBytes),
  };
  const [worst] = quotas
    .map((quota) => ({ quota, lacks: quota.usedBytes + added[quota.of] * pods - quota.hardBytes }))
    .filter(({ quota, lacks }) => lacks > 0 && added[quota.of] > 0)
    .toSorted((a, b) => b.lacks - a.lacks);
  if (worst === undefined) return null;
  const { quota } = worst;
  const inPods = pods === 1 ? '' : ` in ${pods} pods`;
  return `${quota.of} ${formatBytes(quota.usedBytes)} of ${formatBytes(quota.hardBytes)} used in ${namespace} (${quota.name}): another ${formatBytes(added[quota.of] * pods)}${inPods} does not fit`;
}

function more(wanted: number | null, present: number | null): number {
  return wanted === null ? 0 : Math.max(0, wanted - (present ?? 0));
}
