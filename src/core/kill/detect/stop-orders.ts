import { createRecent } from '../../units/recent.ts';
import type { StopOrder } from './stop-order.ts';

/** The stop orders of recent pods. Each explains one termination: a container that is stopped does not live on. */
export interface StopOrders {
  /** False for one that was known: Events are watched more than once. */
  readonly add: (order: StopOrder) => boolean;
  /** Orders for this container or its whole pod that no other termination has used. */
  readonly of: (podNames: readonly string[], container: string, fingerprint: string) => readonly StopOrder[];
  /** From now on these explain the termination with this fingerprint only. */
  readonly use: (orders: readonly StopOrder[], fingerprint: string) => void;
}

interface Kept {
  readonly order: StopOrder;
  usedBy: string | null;
}

/** `maxPods` and `maxPerPod` bound the memory; the oldest go first. */
export function createStopOrders(maxPods = 5_000, maxPerPod = 50): StopOrders {
  const byPod = createRecent<Kept[]>(maxPods);

  return {
    add: (order) => {
      const kept = byPod.get(order.podUid) ?? [];
      // A counted Event that is seen only now says when its first order was.
      const isFirstDated = order.decisive && order.sinceMs < order.atMs;
      const first = isFirstDated ? [{ ...order, atMs: order.sinceMs, count: 1 }] : [];
      const fresh = [...first, order].filter((one) => !kept.some((known) => isSame(known.order, one)));
      kept.push(...fresh.map((one) => ({ order: one, usedBy: null })));
      byPod.set(order.podUid, kept.slice(-maxPerPod));
      return fresh.length > 0;
    },
    of: (podNames, container, fingerprint) =>
      podNames
        .flatMap((name) => byPod.get(name) ?? [])
        .filter(({ usedBy }) => usedBy === null || usedBy === fingerprint)
        .map(({ order }) => order)
        .filter((order) => order.container === null || order.container === container),
    use: (orders, fingerprint) => {
      for (const { podUid, container } of orders.slice(0, 1)) {
        // An order to the whole pod stops all its containers, so none of them uses it up.
        const kept = container === null ? [] : (byPod.get(podUid) ?? []);
        for (const known of kept) if (orders.includes(known.order)) known.usedBy = fingerprint;
      }
    },
  };
}

function isSame(a: StopOrder, b: StopOrder): boolean {
  return a.container === b.container && a.atMs === b.atMs && a.reason === b.reason && a.decisive === b.decisive;
}
