import type { Caller } from './accounts.ts';
import { ApiError } from './api-error.ts';
import type { Fault } from './faults.ts';

/** What a fault is answered with instead of the operation's own answer. `now` is ms UTC. */
export function refusedByFault({ afterS = 60, kind }: Fault, caller: Caller, now: number): ApiError {
  switch (kind) {
    case 'http-502':
      return new ApiError(502, 'Server Error');
    case 'bad-credentials':
      return new ApiError(401, 'Bad credentials');
    case 'secondary-rate-limit': {
      const wait = 'Please wait a few minutes before you try again.';
      return new ApiError(
        403,
        `You have exceeded a secondary rate limit. ${wait}`,
        { documentation_url: 'https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api' },
        { 'retry-after': String(afterS) },
      );
    }
    case 'rate-limit':
    case 'rate-limit-429':
      return new ApiError(
        kind === 'rate-limit' ? 403 : 429,
        `API rate limit exceeded for ${caller.key}.`,
        {},
        { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.ceil(now / 1000) + afterS) },
      );
    case 'http-500':
    case 'http-500-after-success':
    case 'timeout-after-success':
    case 'webhook-lost':
    case 'webhook-twice':
      return new ApiError(500, 'Server Error');
  }
}
