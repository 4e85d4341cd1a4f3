import { expect, test } from 'vitest';
import { slackKeys } from '../../../src/adapters/redis/keys.ts';
import { createEpoch } from '../../../src/adapters/redis/slack/epoch.ts';
import { useRedis } from './fixtures.ts';

const bench = useRedis();

test('the epoch is the same for all until Redis is emptied, and for one that had to connect again', async () => {
  // Others that share this server have bots of their own.
  const redis = bench.redis();
  await redis.select(7);
  const [one, another] = [createEpoch(redis), createEpoch(redis)];

  const before = [await one(), await one(), await another()];
  await redis.del(slackKeys.epoch);
  const emptied = [await one(), await another()];
  redis.disconnect(true);
  const connected = await one();

  expect(new Set(before).size).toBe(1);
  expect(new Set(emptied).size).toBe(1);
  expect(new Set([before[0], emptied[0], connected]).size).toBe(3);
});
