/**
 * - `http-500`, `http-502`: answered so, nothing was done
 * - `http-500-after-success`: everything was done, and yet it is answered so
 * - `timeout-after-success`: everything was done, and the connection is cut without an answer
 * - `secondary-rate-limit`: 403 with `retry-after`
 * - `rate-limit`: 403 with nothing left of the hour; `rate-limit-429` the same as a 429
 * - `bad-credentials`: 401, as after a token was revoked
 * - `webhook-lost`: a delivery that is never sent; `webhook-twice`: sent two times
 */
const faultKinds = [
  'http-500',
  'http-502',
  'http-500-after-success',
  'timeout-after-success',
  'secondary-rate-limit',
  'rate-limit',
  'rate-limit-429',
  'bad-credentials',
  'webhook-lost',
  'webhook-twice',
] as const;

export type FaultKind = (typeof faultKinds)[number];

export interface FaultRequest {
  readonly kind: FaultKind;
  /** Only for this operation, by GitHub's name of it (`pulls/create`), or this webhook event (`pull_request`). */
  readonly operation?: string | undefined;
  /** Only for requests with this method. */
  readonly method?: string | undefined;
  /** How often it fires. Default 1. */
  readonly count?: number | undefined;
  /** Limits: seconds until it is over. Default 60. */
  readonly afterS?: number | undefined;
  /** `timeout-after-success`: ms until the silent connection is cut. Default 30 000. */
  readonly holdMs?: number | undefined;
}

export interface Fault extends FaultRequest {
  readonly id: string;
  readonly remaining: number;
  /** How often it has fired. */
  readonly fired: number;
}

export interface Faults {
  readonly inject: (request: FaultRequest) => Fault;
  /** The first open fault of one of these kinds that fits; counts it as fired. */
  readonly take: (
    kinds: readonly FaultKind[],
    call: { readonly operation: string; readonly method?: string },
  ) => Fault | undefined;
  readonly list: () => readonly Fault[];
  readonly clear: () => void;
}

export function isFaultKind(value: unknown): value is FaultKind {
  return faultKinds.some((kind) => kind === value);
}

export function createFaults(): Faults {
  const faults: Fault[] = [];
  return {
    inject: (request) => {
      const fault = { ...request, id: `F${faults.length + 1}`, remaining: request.count ?? 1, fired: 0 };
      faults.push(fault);
      return fault;
    },
    take: (kinds, call) => {
      const index = faults.findIndex(
        (each) =>
          kinds.includes(each.kind) &&
          each.remaining > 0 &&
          (each.operation === undefined || each.operation === call.operation) &&
          (each.method === undefined || each.method === call.method),
      );
      const fault = faults[index];
      if (fault === undefined) return undefined;
      const fired = { ...fault, remaining: fault.remaining - 1, fired: fault.fired + 1 };
      faults[index] = fired;
      return fired;
    },
    list: () => [...faults],
    clear: () => {
      for (const [index, fault] of faults.entries()) faults[index] = { ...fault, remaining: 0 };
    },
  };
}
