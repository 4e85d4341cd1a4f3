import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeRedis, connectRedis } from '../../../src/adapters/redis/connection.ts';
import { clusterKeys } from '../../../src/adapters/redis/keys.ts';
import { readSilence } from '../../../src/adapters/redis/store/beside-incidents.ts';
import type { Silence } from '../../../src/core/incident/incident.ts';
import { aKill, anExplanation } from '../../fixtures/incidents.ts';
import { openTestRedis, type TestRedis } from '../../redis.ts';
import { aLine, type BotWorld, openBotWorld } from '../show/bot-world.ts';
import { choose, dialogOf, menuOf, personNamed, proposed, startTalking, whispers } from './talking-bot.ts';
import { eventually } from '../../eventually.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await openTestRedis();
});
afterAll(async () => {
  await redis.stop();
});

const hour = 60 * 60_000;
const silence = (forMs: number, scope: Silence['scope'] = 'incident'): Silence => {
  const at = Date.now();
  return { scope, by: 'USAM', at, until: at + forMs };
};

/** A kill of a workload, admitted as the worker admits it. */
async function killed(world: BotWorld, fingerprint: string): Promise<string> {
  const kill = aKill({ subject: { ...aKill().subject, cluster: world.cluster }, fingerprint });
  const admission = await world.store.admit(kill, 'act');
  if (admission.is === 'known') throw new Error('the kill was known');
  return admission.incident;
}

test.each([
  ['Snooze for 1 h', { scope: 'incident', forMs: hour }],
  ['Snooze for 8 h', { scope: 'incident', forMs: 8 * hour }],
  ['Ignore this workload for 7 d', { scope: 'workload', forMs: 7 * 24 * hour }],
])('"%s" in the menu is recorded with its scope and length', async (text, wanted) => {
  const world = await openBotWorld(redis.url);
  const bot = await startTalking(world);
  const { id, ts } = await proposed(world);

  await choose(world, ts, text);
  await eventually(() => expect(dialogOf(world)?.words).toContain('for everybody here'));
  const asked = dialogOf(world)?.words;
  const before = (await world.store.load(id))?.requests;
  await world.slack.control.viewSubmit({ user: 'sam', values: { reason: 'load test' } });

  await eventually(() => expect(bot.advanced).toEqual([id]));
  expect(asked).toMatch(/checkout.*until <!date\^\d+\^/);
  expect(before).toEqual([]);
  expect((await world.store.load(id))?.requests).toMatchObject([
    { action: 'silence', plan: null, silence: wanted, by: personNamed(world, 'sam'), value: 'load test' },
  ]);
  expect(dialogOf(world)).toBeNull();
});

test('a silence that is not confirmed changes nothing, and one of a closed incident is not asked for', async () => {
  const world = await openBotWorld(redis.url);
  await startTalking(world);
  const { id, ts } = await proposed(world);

  await choose(world, ts, 'Snooze for 1 h');
  await eventually(() => expect(dialogOf(world)?.words).toContain('for everybody here'));
  await world.slack.control.viewClose('sam');
  await world.update(id, { state: { is: 'closed', outcome: 'quiet', at: Date.now() } });
  await choose(world, ts, 'Ignore this workload for 7 d');

  await eventually(() => expect(dialogOf(world)?.words).toContain(`${id} was closed`));
  expect((await world.store.load(id))?.requests).toEqual([]);
});

test('while it is silent the menu ends the silence instead, and a second end is told', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await startTalking(world);
  const { id, ts } = await proposed(world);
  await world.update(id, { silence: { ...silence(hour), until: Date.UTC(2099, 0) } });
  const shower = await world.bot();
  await world.showAll(shower, id);
  const offered = menuOf(world, ts).map(({ text }) => text);
  const end = menuOf(world, ts).at(-1)?.value ?? '';

  await choose(world, ts, 'End the silence');
  await eventually(() => expect(bot.advanced).toEqual([id]));
  await world.update(id, { silence: null });
  const click = { user: 'lena', channel: world.channel, ts, actionId: 'menu', value: end };
  await world.slack.control.click(click);

  expect(offered).toEqual(['Why?', 'Logs', 'End the silence']);
  await eventually(() =>
    expect(whispers(world)).toEqual([expect.stringContaining('There is no silence to end any more')]),
  );
  expect((await world.store.load(id))?.requests).toMatchObject([{ silence: { forMs: 0 } }]);
});

test('an incident of an ignored workload gets no message until that is over, and then one', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await world.bot();
  await world.store.keepSilence({ ...aKill().subject, cluster: world.cluster }, silence(4_000, 'workload'));
  const id = await killed(world, `${world.cluster}/1`);
  await world.update(id, { explained: anExplanation() }, [aLine('evidence')]);

  const first = await bot.show(id);
  const during = world.roots();
  await eventually(async () => expect(await world.postings.due(10)).toContain(id));
  await world.showAll(bot, id);

  expect(first.is).toBe('postponed');
  expect(during).toEqual([]);
  expect(world.roots()).toMatchObject([{ text: expect.stringContaining(id) }]);
  expect(world.replies().map(({ text }) => text)).toEqual(['evidence']);
});

test('a kill after the end of an ignored week is told at once', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await world.bot();
  const subject = { ...aKill().subject, cluster: world.cluster };
  await world.store.keepSilence(subject, silence(50, 'workload'));
  const client = connectRedis(redis.url, { role: 'store', onError: () => undefined });
  await eventually(async () => expect(await readSilence(client, clusterKeys(world.cluster), subject)).toBeNull());
  await closeRedis(client);

  const id = await killed(world, `${world.cluster}/1`);
  await world.showAll(bot, id);

  expect(world.roots()).toHaveLength(1);
});

test('an incident that is no longer silenced is shown at once', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await world.bot();
  await world.store.keepSilence({ ...aKill().subject, cluster: world.cluster }, silence(hour, 'workload'));
  const id = await killed(world, `${world.cluster}/1`);
  await bot.show(id);

  await world.update(id, { silence: null });
  expect(await world.postings.due(10)).toContain(id);
  await world.showAll(bot, id);

  expect(world.roots()).toHaveLength(1);
});

test('in a thread that is silenced people are heard and evidence is not, and the first message stays up to date', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await world.bot();
  const { id } = await proposed(world);
  await world.update(id, { silence: silence(hour) }, [
    aLine('{0} silenced this incident for 60 min.', { kind: 'audit', people: ['USAM'] }),
    aLine('more evidence'),
    aLine('{0} approved it.', { kind: 'audit', people: ['UAMIRA'] }),
    aLine('Only for you.', { kind: 'answer', audience: { to: 'person', user: personNamed(world, 'sam') } }),
  ]);
  await world.kill();

  await world.showAll(bot, id);

  expect(world.replies().map(({ text }) => text)).toEqual([
    '<@USAM> silenced this incident for 60 min.',
    '<@UAMIRA> approved it.',
  ]);
  expect(whispers(world)).toEqual(['Only for you.']);
  expect(world.roots()).toMatchObject([{ text: expect.stringContaining('Kills: 2, last') }]);
  expect(world.roots()[0]?.text).toContain('snoozed by');
});
