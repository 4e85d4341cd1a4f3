import { createFaultList, type FaultList, type FaultState } from '../fault-list.ts';
import { ApiError } from './api-error.ts';

/**
 * - `http-500`, `http-502`: answered so, nothing was done
 * - `http-500-after-success`: everything was done, and yet it is answered so
 * - `timeout-after-success`: everything was done, and the connection is cut without an answer
 * - `secondary-rate-limit`: 403 with `retry-after`
 * - `rate-limit`: 403 with nothing left of the hour; `rate-limit-429` the same as a 429
 * - `bad-credentials`: 401, as after a token was revoked
 * - `webhook-twice`: a delivery that is sent two times
 */
export type FaultKind =
  | 'http-500'
  | 'http-502'
  | 'http-500-after-success'
  | 'timeout-after-success'
  | 'secondary-rate-limit'
  | 'rate-limit'
  | 'rate-limit-429'
  | 'bad-credentials'
  | 'webhook-twice';

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

export function createFaults(): Faults {
  return createFaultList({
    fits: (fault, call) =>
      (fault.operation === undefined || fault.operation === call.operation) &&
      (fault.method === undefined || fault.method === call.method),
  });
}

/** What a fault is answered with instead of the operation's own answer. `caller` is who GitHub names; `now` ms UTC. */
export function refusedByFault({ afterS = 60, kind }: Fault, caller: string, now: number): ApiError {
  switch (kind) {
    case 'http-502':
      return new ApiError(502, 'Server Error');
    case 'bad-credentials':
      return new ApiError(401, 'Bad credentials');
    case 'secondary-rate-limit': {
      const message = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
      return new ApiError(403, message, {}, { 'retry-after': String(afterS) });
    }
    case 'rate-limit':
    case 'rate-limit-429': {
      const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.ceil(now / 1000) + afterS) };
      return new ApiError(kind === 'rate-limit' ? 403 : 429, `API rate limit exceeded for ${caller}.`, {}, headers);
    }
    case 'http-500':
    case 'http-500-after-success':
    case 'timeout-after-success':
    case 'webhook-twice':
      return new ApiError(500, 'Server Error');
  }
}
