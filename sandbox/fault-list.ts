export interface FaultState {
  readonly id: string;
  /** How often it will still fire; of one that lasts, 1. */
  readonly remaining: number;
  /** How often it has fired. */
  readonly fired: number;
}

export interface FaultList<Request extends { readonly kind: string }, Call> {
  readonly inject: (request: Request) => Request & FaultState;
  /** The first open fault of one of these kinds that fits the call; counts it as fired. */
  readonly take: (kinds: readonly Request['kind'][], call: Call) => (Request & FaultState) | undefined;
  readonly list: () => readonly (Request & FaultState)[];
  /** Ends one, or all; false when there is no such fault. What has fired stays counted. */
  readonly clear: (id?: string) => boolean;
}

export interface FaultRules<Request, Call> {
  readonly fits: (fault: Request & FaultState, call: Call) => boolean;
  /** Whether it fires as often as it is met, until it is cleared, and not once or `count` times. */
  readonly lasts?: (request: Request) => boolean;
  /** Carries out what happens at once and not on a call: how much it hit; undefined of those that wait for a call. */
  readonly strike?: (request: Request) => number | undefined;
}

/** Faults on demand, in the order in which they were asked for. */
export function createFaultList<Request extends { readonly kind: string; readonly count?: number | undefined }, Call>({
  fits,
  lasts = () => false,
  strike = () => undefined,
}: FaultRules<Request, Call>): FaultList<Request, Call> {
  const faults: (Request & FaultState)[] = [];
  return {
    inject: (request) => {
      const struck = strike(request);
      const fault = {
        ...request,
        id: `F${faults.length + 1}`,
        remaining: struck === undefined ? (lasts(request) ? 1 : (request.count ?? 1)) : 0,
        fired: struck ?? 0,
      };
      faults.push(fault);
      return fault;
    },
    take: (kinds, call) => {
      const index = faults.findIndex((fault) => kinds.includes(fault.kind) && fault.remaining > 0 && fits(fault, call));
      const fault = faults[index];
      if (fault === undefined) return undefined;
      const fired = { ...fault, remaining: fault.remaining - (lasts(fault) ? 0 : 1), fired: fault.fired + 1 };
      faults[index] = fired;
      return fired;
    },
    list: () => [...faults],
    clear: (id) => {
      const meant = [...faults.entries()].filter(([, fault]) => id === undefined || fault.id === id);
      for (const [index, fault] of meant) faults[index] = { ...fault, remaining: 0 };
      return id === undefined || meant.length > 0;
    },
  };
}
