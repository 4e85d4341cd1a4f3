import { expect, test } from 'vitest';
import { redisFailure } from '../../../../src/adapters/redis/redis-failure.ts';

const away = 'Redis cannot be reached; see that it runs and that REDIS_URL is right';
const coded = (message: string, code: string): Error => Object.assign(new Error(message), { code });

test.each([
  [coded('connect ECONNREFUSED 127.0.0.1:6379', 'ECONNREFUSED'), `${away} (connect ECONNREFUSED 127.0.0.1:6379)`],
  // Of a name with several addresses nothing but the code is told.
  [coded('', 'ECONNREFUSED'), `${away} (ECONNREFUSED)`],
  [new Error('Reached the max retries per request limit (which is 1).'), `${away} (Reached the max retries`],
])('%s is told once, with what to look at', (error, words) => {
  const { code, retry, message } = redisFailure(error);

  expect({ code, retry }).toEqual({ code: 'redis-unreachable', retry: 'backoff' });
  expect(message).toContain(words);
});
