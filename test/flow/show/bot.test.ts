import { afterAll, beforeAll, expect, test } from 'vitest';
import { Failure } from '../../../src/core/failure.ts';
import { aRemediation } from '../../fixtures/incidents.ts';
import { openTestRedis, type TestRedis } from '../../redis.ts';
import { choose, command, menuOf, personNamed, proposed, startTalking, whispers } from '../slack/talking-bot.ts';
import { aLine, openBotWorld } from './bot-world.ts';
import { eventually } from '../../eventually.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await openTestRedis();
});
afterAll(async () => {
  await redis.stop();
});

test('a click is acknowledged and recorded once as a request of that person for that plan', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await startTalking(world);
  const { id, ts } = await proposed(world);

  const clicked = await world.slack.control.click({ user: 'sam', channel: world.channel, ts, actionId: 'apply' });

  await eventually(() => expect(bot.advanced).toEqual([id]));
  expect(clicked.ok).toBe(true);
  expect((await world.store.load(id))?.requests).toMatchObject([
    { action: 'apply', plan: 'PLAN-7F3K2A', by: personNamed(world, 'sam') },
  ]);
  expect(whispers(world)).toEqual([]);
});

test.each(['undo', 'make-permanent'] as const)(
  'a click on %s asks the worker for that, about the change that is in the cluster',
  async (actionId) => {
    const world = await openBotWorld(redis.url);
    const bot = await startTalking(world);
    const applied = { at: Date.UTC(2026, 10, 24, 14, 2, 11), seen: 'it runs.' };
    const held = aRemediation('held', { means: 'resize', applied, temporary: true });
    const { id, ts } = await proposed(world, { remediations: [held] });

    const clicked = await world.slack.control.click({ user: 'amira', channel: world.channel, ts, actionId });

    await eventually(() => expect(bot.advanced).toEqual([id]));
    expect(clicked.ok).toBe(true);
    expect((await world.store.load(id))?.requests).toMatchObject([{ action: actionId, plan: held.plan.id }]);
  },
);

test('a click that Slack delivers twice is one request', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await startTalking(world);
  const { id, ts } = await proposed(world);
  const fault = world.slack.faults.inject({ kind: 'duplicate-delivery' });

  await world.slack.control.click({ user: 'amira', channel: world.channel, ts, actionId: 'apply' });

  await eventually(() => expect(bot.advanced.length).toBeGreaterThan(0));
  await eventually(() => expect(world.slack.faults.list().find((one) => one.id === fault.id)?.fired).toBe(1));
  expect((await world.store.load(id))?.requests).toHaveLength(1);
});

test('a click on a button that is out of date is answered with what happened meanwhile', async () => {
  const world = await openBotWorld(redis.url);
  await startTalking(world);
  const { id, ts } = await proposed(world);
  const approved = { by: 'UAMIRA', at: Date.UTC(2026, 10, 24, 14, 2, 11) };
  await world.update(id, { remediations: [aRemediation('applying', { approved })] });

  await world.slack.control.click({ user: 'sam', channel: world.channel, ts, actionId: 'apply' });

  await eventually(() => expect(whispers(world)).toHaveLength(1));
  expect(whispers(world)[0]).toBe(
    '<@UAMIRA> approved PLAN-7F3K2A at 2026-11-24 14:02:11 UTC; it is being applied now. It is done only once.',
  );
  expect((await world.store.load(id))?.requests).toEqual([]);
});

test('an answer to a click is in the thread where that was clicked, and in the channel while nobody has replied', async () => {
  const world = await openBotWorld(redis.url);
  await startTalking(world);
  const { id, ts } = await proposed(world);
  await world.update(id, { remediations: [aRemediation('held')] });
  const click = { user: 'sam', channel: world.channel, ts, actionId: 'apply' };

  await world.slack.control.click(click);
  await eventually(() => expect(whispers(world)).toHaveLength(1));
  await world.update(id, {}, [aLine('evidence')]);
  await world.showAll(await world.bot(), id);
  await world.slack.control.click({ ...click, stale: true });
  await eventually(() => expect(whispers(world)).toHaveLength(2));

  expect(world.slack.store.ephemerals().map(({ threadTs }) => threadTs)).toEqual([undefined, ts]);
});

test('the menu explains, and acknowledges while that has no button yet', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await startTalking(world);
  const { id, ts } = await proposed(world, { remediations: [], explained: null });
  await choose(world, ts, 'Acknowledge');
  await eventually(() => expect(bot.advanced).toEqual([id]));
  await proposed(world);

  await choose(world, ts, 'Why?');

  await eventually(() => expect(whispers(world)).toEqual([expect.stringContaining('for: flat for 6 h')]));
  expect((await world.store.load(id))?.requests).toMatchObject([{ action: 'acknowledge' }]);
  expect(menuOf(world, ts).map(({ text }) => text)).not.toContain('Acknowledge');
});

test('a choice of another version is not taken for something else', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await startTalking(world);
  const { id, ts } = await proposed(world);
  const root = world.slack.store.find(world.channel, ts);
  const known = menuOf(world, ts)[0]?.value ?? '';
  const blocks = JSON.parse(JSON.stringify(root?.blocks).replaceAll('why|', 'heap|'));
  await bot.app.client.chat.update({ channel: world.channel, ts, text: 'from another version', blocks });

  const click = { user: 'sam', channel: world.channel, ts, actionId: 'menu', value: known.replace('why|', 'heap|') };
  const clicked = await world.slack.control.click(click);

  await eventually(() =>
    expect(whispers(world)).toEqual([expect.stringContaining('I cannot read what this button is about')]),
  );
  expect(clicked.ok).toBe(true);
  expect((await world.store.load(id))?.requests).toEqual([]);
});

test('an action that nobody knows gets a sentence', async () => {
  const world = await openBotWorld(redis.url);
  const { app } = await startTalking(world);
  const sent = await app.client.chat.postMessage({
    channel: world.channel,
    text: 'old',
    blocks: [
      {
        type: 'actions',
        elements: [{ type: 'button', action_id: 'snooze', text: { type: 'plain_text', text: 'Snooze' }, value: 'x' }],
      },
    ],
  });

  await world.slack.control.click({ user: 'sam', channel: world.channel, ts: sent.ts ?? '', actionId: 'snooze' });

  await eventually(() => expect(whispers(world)).toEqual([expect.stringContaining('I do not know this button')]));
});

test('a click that cannot be recorded is answered with "try again"', async () => {
  const world = await openBotWorld(redis.url);
  const down = async (): Promise<never> => Promise.reject(new Failure('redis-unreachable', 'Redis is down.'));
  await startTalking(world, {
    store: {
      load: down,
      open: down,
      pause: down,
      silences: down,
      killedPods: down,
      suspects: down,
      ignored: down,
      results: down,
      audit: down,
      entries: down,
      recordRequest: down,
    },
  });
  const { ts } = await proposed(world);

  await world.slack.control.click({ user: 'sam', channel: world.channel, ts, actionId: 'apply' });

  await eventually(() => expect(whispers(world)).toEqual([expect.stringContaining('Please try again')]));
});

test('commands list, explain, help and understand typing errors', async () => {
  const world = await openBotWorld(redis.url);
  await startTalking(world);
  const { id } = await proposed(world);
  const near = `${id.slice(0, -1)}${id.endsWith('Z') ? 'Y' : 'Z'}`;

  const answers = {
    list: await command(world, '/oom list'),
    elsewhere: await command(world, '/oom list other-namespace'),
    why: await command(world, `/oom why ${id.toLowerCase()}`),
    near: await command(world, `/oom why ${near}`),
    help: await command(world, '/oom'),
    typo: await command(world, '/oom lsit'),
  };

  expect(answers.list).toContain(id);
  expect(answers.elsewhere).toContain('No open incident in other-namespace');
  expect(answers.why).toContain('for: flat for 6 h');
  expect(answers.near).toContain(`Did you mean ${id}?`);
  expect(answers.help).toContain('/oom why checkout');
  expect(answers.help).toContain(`/oom top ${world.cluster}/shop`);
  expect(answers.typo).toContain('Did you mean `/oom list`?');
});

test('an answer is shown to the channel only where the person asks for that', async () => {
  const world = await openBotWorld(redis.url);
  await startTalking(world);
  const { id } = await proposed(world);

  await world.slack.control.command({ user: 'sam', channel: world.channel, text: `/oom why ${id} --share` });

  await eventually(() => expect(world.roots().some(({ text }) => text.includes('for: flat for 6 h'))).toBe(true));
  expect(whispers(world)).toEqual([]);
});

test('commands arrive while Slack refreshes connections', async () => {
  const world = await openBotWorld(redis.url);
  const { app } = await startTalking(world);
  world.slack.faults.inject({ kind: 'disconnect-refresh' });

  const answers = [await command(world, '/oom list'), await command(world, '/oom help')];

  await eventually(() => expect(app.health()?.connected).toBe(2));
  expect(answers[0]).toContain('No open incident');
});

test('both connections come back after all sockets were cut', async () => {
  const world = await openBotWorld(redis.url);
  const { app } = await startTalking(world);
  const opened = (): number =>
    world.slack.requestLog().filter(({ method }) => method === 'apps.connections.open').length;
  const before = opened();

  world.slack.faults.inject({ kind: 'drop-sockets' });

  await eventually(() => expect(opened()).toBe(before + 2));
  await eventually(() => expect(app.health()?.connected).toBe(2));

  expect(await command(world, '/oom list')).toContain('No open incident');
});

test('a token that is revoked while the bot runs ends in one clear message', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await startTalking(world);
  world.slack.faults.inject({ kind: 'invalid_auth', method: 'apps.connections.open', count: 100 });
  world.slack.faults.inject({ kind: 'drop-sockets' });

  await eventually(() => expect(bot.fatal.length).toBeGreaterThan(0));

  expect(bot.fatal[0]).toMatchObject({
    code: 'chat-invalid-auth',
    message: expect.stringContaining('SLACK_APP_TOKEN'),
  });
  await eventually(() => expect(bot.app.health()?.deafSince).not.toBeNull());
});

test('a wrong bot token is refused at the start', async () => {
  const world = await openBotWorld(redis.url);
  world.slack.faults.inject({ kind: 'invalid_auth', method: 'auth.test' });

  await expect(startTalking(world)).rejects.toMatchObject({ code: 'chat-invalid-auth' });
});
