import { createFaultList, type FaultList, type FaultState } from '../fault-list.ts';

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

export interface FaultCall {
  readonly operation: string;
  readonly method?: string;
}

export type Fault = FaultRequest & FaultState;
export type Faults = FaultList<FaultRequest, FaultCall>;

export function isFaultKind(value: unknown): value is FaultKind {
  return faultKinds.some((kind) => kind === value);
}

export function createFaults(): Faults {
  return createFaultList({
    fits: (fault, call) =>
      (fault.operation === undefined || fault.operation === call.operation) &&
      (fault.method === undefined || fault.method === call.method),
  });
}
