import { afterAll, beforeAll, expect, test } from 'vitest';
import { Mi } from '../../fixtures/incidents.ts';
import { keepResult } from '../../fixtures/results.ts';
import { openTestRedis, type TestRedis } from '../../redis.ts';
import { command, startTalking } from '../slack/talking-bot.ts';
import { openBotWorld } from './bot-world.ts';

/* `/oom report`: whether what was changed held. */

let redis: TestRedis;
beforeAll(async () => {
  redis = await openTestRedis();
});
afterAll(async () => {
  await redis.stop();
});

test('/oom report says what held, by kind of fix and scope, and what was killed again', async () => {
  const world = await openBotWorld(redis.url);
  await startTalking(world);
  const [shop, other] = [await world.kill(), await world.kill('cart', undefined, 'other')];
  await keepResult(world.store, shop, { plan: 'PLAN-000001', outcome: 'overshot', spareBytes: 64 * Mi });
  await keepResult(world.store, shop, { plan: 'PLAN-000002', kind: 'pull-request' });
  await keepResult(world.store, other, { plan: 'PLAN-000003', outcome: 'failed' });
  await keepResult(world.store, other, { plan: 'PLAN-000004', outcome: 'failed', purpose: 'mitigation' });

  const all = await command(world, '/oom report');
  const scoped = await command(world, '/oom report 30d shop');
  const none = await command(world, '/oom report nowhere 90d');

  expect(all).toMatch(/^Report card, last 7 days\n• 2 of 3 fixes held/);
  expect(all).toContain('Higher limit: 1 of 2 held');
  expect(all).toContain('Bought time as promised: 0 of 1');
  expect(all).toMatch(/New limits were 10 ?% too high on average \(measured for 1 fix\)/);
  expect(all).toContain(`Killed again: other/cart at 640Mi (${other})`);
  expect(scoped).toMatch(/^Report card in shop, last 30 days\n• 2 of 2 fixes held/);
  expect(scoped).not.toContain('cart');
  expect(none).toContain('Nothing to report');
  expect(none).toContain('Results are kept for 30 days.');
});

test('what may not be named where it is asked is left out, and only counted as left out', async () => {
  const hiding = { clusters: ['*'], namespaces: ['payments'], channels: [], who: [], names: false };
  const world = await openBotWorld(redis.url, { readers: [hiding] });
  await startTalking(world);
  const hidden = await world.kill('ledger', undefined, 'payments');
  await keepResult(world.store, hidden, { outcome: 'failed' });

  const answer = await command(world, '/oom report');

  expect(answer).toContain('Nothing to report');
  expect(answer).toContain('1 change is only shown in its own channel.');
  expect(answer).not.toContain('ledger');
});
