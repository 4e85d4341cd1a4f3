/** One holder at a time. It makes races rarer; nothing relies on it. */
export interface TakenLease {
  /** Extends it from now on; false if somebody else holds it by now. */
  readonly extend: () => Promise<boolean>;
}

export interface Lease extends TakenLease {
  readonly release: () => Promise<void>;
}

/** Takes a lease for `forMs`; null while somebody else holds it. */
export type TakeLease = (forMs: number) => Promise<TakenLease | null>;

/** Whether this process holds the lease: extends it if it does, else tries to take it. */
export function createHeldLease(take: TakeLease, forMs: number): { readonly holds: () => Promise<boolean> } {
  let lease: TakenLease | null = null;
  return {
    holds: async () => {
      if (lease !== null && (await lease.extend())) return true;
      lease = await take(forMs);
      return lease !== null;
    },
  };
}

/** Ends after `ms`, or early and without an error when the signal is aborted. */
export type Wait = (ms: number, signal?: AbortSignal) => Promise<void>;

export interface ExtendedLease {
  /** True once somebody else holds the lease or may hold it: stop working then. */
  readonly isLost: () => boolean;
  readonly release: () => Promise<void>;
}

/**
 * Keeps a lease of `forMs` that was just taken, extending it three times in its span until it is released. After
 * `mostMs` it is allowed to expire, because the work must be stuck. All ms.
 */
export function extendLease(
  lease: Lease,
  { forMs, mostMs, wait }: { readonly forMs: number; readonly mostMs: number; readonly wait: Wait },
): ExtendedLease {
  const over = new AbortController();
  let isLost = false;
  const extending = (async () => {
    for (let heldMs = 0; heldMs < mostMs && !isLost; heldMs += forMs / 3) {
      await wait(forMs / 3, over.signal);
      if (over.signal.aborted) return;
      // If Redis is unreachable for a moment, it is asked again before the lease expires.
      isLost = !(await lease.extend().catch(() => true));
    }
    isLost = true;
  })();
  return {
    isLost: () => isLost,
    release: async () => {
      over.abort();
      await extending;
      await lease.release();
    },
  };
}
