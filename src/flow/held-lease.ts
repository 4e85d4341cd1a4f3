/** One holder at a time; it narrows races and decides nothing. */
export interface TakenLease {
  /** Prolongs it from now on; false when somebody else holds it meanwhile. */
  readonly extend: () => Promise<boolean>;
}

/** Takes a lease for `forMs`; null while somebody else holds it. */
export type TakeLease = (forMs: number) => Promise<TakenLease | null>;

/** Whether this process does what only one may do: it keeps the lease that it has, else tries to take it. */
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
