/**
 * What a server of metrics has of one run's counter of kernel kills: the counter at moments, each with the time at
 * which cAdvisor had read it, and the limits that were in force. ms UTC and bytes, in the order of time.
 */
export interface CounterHistory {
  readonly counts: readonly { readonly readAt: number; readonly value: number }[];
  /** The smaller of the container's and its pod's; null = none. */
  readonly limits: readonly { readonly at: number; readonly bytes: number | null }[];
}

/** When a kill that was counted happened, and the limits that were in force then; none where that is not known. */
export interface CountedRise {
  readonly from: number;
  readonly to: number;
  readonly limits: readonly (number | null)[];
}

/**
 * When a counter rose to `value`: after the last reading that was lower, and before the first that was not. `known` is
 * what is certain without the history, and stands where the history has no reading that is closer.
 */
export function countedRise(
  history: CounterHistory | null,
  value: number,
  known: { readonly from: number; readonly to: number },
): CountedRise {
  const counts = history?.counts ?? [];
  // The last rise to it: a kubelet that starts again begins to count anew.
  const lower = counts.findLastIndex((count) => count.value < value);
  const at = counts[lower + 1];
  const before = at === undefined ? undefined : counts[lower];
  const from = before === undefined ? known.from : Math.max(known.from, before.readAt);
  const to = at === undefined ? known.to : Math.max(from, Math.min(known.to, at.readAt));
  const limits = history?.limits ?? [];
  const start = limits.findLastIndex((limit) => limit.at <= from);
  const end = limits.findIndex((limit) => limit.at >= to);
  // Without a reading on either side of it, nobody knows what was in force there.
  const within = start < 0 || end < 0 ? [] : limits.slice(start, end + 1);
  return { from, to, limits: [...new Set(within.map(({ bytes }) => bytes))] };
}
