import { afterAll, beforeAll, expect, test } from 'vitest';
import { aRemediation } from '../../fixtures/incidents.ts';
import { openTestRedis, type TestRedis } from '../../redis.ts';
import { openBotWorld } from '../show/bot-world.ts';
import { dialogOf, personNamed, proposed, startTalking, whispers } from './talking-bot.ts';
import { eventually } from '../../eventually.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await openTestRedis();
});
afterAll(async () => {
  await redis.stop();
});

/** A request that waits for an approval, and Amira, who clicks Reject. */
async function rejecting() {
  const world = await openBotWorld(redis.url);
  const bot = await startTalking(world);
  const requested = aRemediation('requested', { requested: { by: 'USAM', at: 0 }, expiresAt: Date.now() + 3_600_000 });
  const { id, ts } = await proposed(world, { remediations: [requested] });
  const { control } = world.slack;
  return {
    world,
    bot,
    id,
    plan: requested.plan.id,
    click: () => control.click({ user: 'amira', channel: world.channel, ts, actionId: 'reject', stale: true }),
    submit: (reason: string) => control.viewSubmit({ user: 'amira', values: { reason } }),
    requests: async () => (await world.store.load(id))?.requests ?? [],
  };
}

test('Reject asks why, and nothing is recorded before the answer', async () => {
  const { world, bot, id, plan, click, submit, requests } = await rejecting();
  await click();
  await eventually(() => expect(dialogOf(world, 'amira')?.words ?? '').toContain('"input"'));
  const before = await requests();

  await submit('  not before the release ');
  await submit('not before the release');

  await eventually(() => expect(bot.advanced).toEqual([id]));
  expect(before).toEqual([]);
  expect(await requests()).toMatchObject([
    { action: 'reject', plan, by: personNamed(world, 'amira'), value: 'not before the release' },
  ]);
});

test('nobody has to say why', async () => {
  const { world, click, submit, requests } = await rejecting();
  await click();
  await eventually(() => expect(dialogOf(world, 'amira')?.words ?? '').toContain('"input"'));

  await submit('');

  await eventually(async () => expect(await requests()).toMatchObject([{ action: 'reject', value: '' }]));
});

test('where there is nothing to reject any more, no dialog is opened, and what happened is told', async () => {
  const { world, id, click } = await rejecting();
  await world.update(id, { remediations: [aRemediation('held', { approved: { by: 'UAMIRA', at: 0 } })] });

  await click();

  await eventually(() => expect(whispers(world)).toEqual([expect.stringContaining('and it held')]));
  expect(dialogOf(world, 'amira')).toBeNull();
});

test('what happens while the dialog is open is told beside the input', async () => {
  const { world, id, click, submit, requests } = await rejecting();
  await click();
  await eventually(() => expect(dialogOf(world, 'amira')?.words ?? '').toContain('"input"'));
  await world.update(id, { remediations: [aRemediation('held', { approved: { by: 'UAMIRA', at: 0 } })] });

  const answer = await submit('too late');

  expect(JSON.stringify(answer)).toContain('and it held');
  expect(await requests()).toEqual([]);
});
