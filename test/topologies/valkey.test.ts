import { expect, inject, test } from 'vitest';
import { redisWarnings } from '../../src/adapters/redis/redis-warnings.ts';
import { closeRedis, connectRedis } from '../../src/adapters/redis/connection.ts';
import { ignore } from '../flow/store/fixtures.ts';
import { valkeyHere } from './valkey.ts';

/* The suites of the store and the queues run on it too, in this project. */
test('Valkey is taken for what it is, a Redis that is new enough', async ({ skip, onTestFinished }) => {
  const valkey = valkeyHere();
  if (typeof valkey === 'string') skip(`no Valkey: ${valkey}`);
  const redis = connectRedis(String(inject('redisUrl')), { role: 'store', onError: ignore });
  onTestFinished(() => closeRedis(redis));

  const warnings = await redisWarnings(redis);

  expect(await redis.info('server')).toMatch(/^server_name:valkey/m);
  expect(warnings.map(({ code }) => code)).toEqual(['nothing-on-disk']);
});
