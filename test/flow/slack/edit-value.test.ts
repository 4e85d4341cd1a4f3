import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cluster } from '../../../src/adapters/slack/listeners/deps.ts';
import { Failure } from '../../../src/core/failure.ts';
import { aPlan, aRemediation, anExplanation } from '../../fixtures/incidents.ts';
import { openTestRedis, type TestRedis } from '../../redis.ts';
import { type BotWorld, openBotWorld } from '../show/bot-world.ts';
import {
  bounds,
  command,
  dialogOf,
  personNamed,
  proposed,
  startTalking,
  type TalkingBot,
  whispers,
} from './talking-bot.ts';
import { eventually } from '../../eventually.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await openTestRedis();
});
afterAll(async () => {
  await redis.stop();
});

const explained = anExplanation({ bounds });

interface Editing {
  readonly world: BotWorld;
  readonly bot: TalkingBot;
  readonly id: string;
  readonly ts: string;
  readonly click: () => Promise<void>;
  readonly type: (value: string) => Promise<unknown>;
  readonly submit: (value: string) => Promise<unknown>;
}

async function editing(store?: (world: BotWorld) => Cluster['store']): Promise<Editing> {
  const world = await openBotWorld(redis.url);
  const bot = await startTalking(world, store === undefined ? {} : { store: store(world) });
  const { id, ts } = await proposed(world, { explained });
  const { control } = world.slack;
  return {
    world,
    bot,
    id,
    ts,
    click: async () => {
      const result = await control.click({ user: 'sam', channel: world.channel, ts, actionId: 'edit', stale: true });
      expect(result.ok).toBe(true);
    },
    type: (value) => control.viewAct({ user: 'sam', actionId: 'limit', value }),
    submit: (value) => control.viewSubmit({ user: 'sam', values: { limit: value } }),
  };
}

/** The dialog is filled: it has its input. */
async function filled(world: BotWorld): Promise<void> {
  await eventually(() => expect(dialogOf(world)?.words ?? '').toContain('"input"'));
}

/** Nothing is loaded before the gate opens. */
function editingBehind(gate: Promise<void>): Promise<Editing> {
  return editing(({ store }) => ({
    ...store,
    load: async (id) => {
      await gate;
      return store.load(id);
    },
  }));
}

async function requests({ world, id }: Editing): Promise<readonly unknown[]> {
  return (await world.store.load(id))?.requests ?? [];
}

test('the dialog opens before the store is asked, and is filled with the recommended value and what it would mean', async () => {
  const gate = Promise.withResolvers<void>();
  const one = await editingBehind(gate.promise);

  await one.click();
  await eventually(() => expect(dialogOf(one.world)?.words ?? '').toContain('Looking at what would fit'));
  gate.resolve();
  await filled(one.world);

  const words = dialogOf(one.world)?.words ?? '';
  expect(words).toContain('"initial_value":"640Mi"');
  expect(words).toContain('What 640Mi would mean:');
  expect(words).toContain('+25% on 512Mi');
  expect(words).toContain('limit now 512Mi, recommended 640Mi');
  const calls = one.world.slack.requestLog().filter(({ method }) => method?.startsWith('views.'));
  expect(calls.map(({ method, ok }) => [method, ok])).toEqual([
    ['views.open', true],
    ['views.update', true],
  ]);
  expect(calls[1]?.body).toMatchObject({ hash: expect.any(String) });
});

test('whoever types is told what the value would mean, and what is wrong with it', async () => {
  const one = await editing();
  await one.click();
  await filled(one.world);

  await one.type('700');
  await eventually(() => expect(dialogOf(one.world)?.words).toContain('Did you mean 700Mi?'));
  await one.type('700Mi');
  await eventually(() => expect(dialogOf(one.world)?.words).toContain('What 700Mi would mean:'));

  expect(dialogOf(one.world)?.words).toContain('640Mi is recommended, so this is more');
  expect(dialogOf(one.world)?.trouble).toBeUndefined();
});

/** A dialog whose store answers only when it is let. */
async function editingSlowly(): Promise<Editing & { readonly hold: () => () => void }> {
  let held: Promise<void> = Promise.resolve();
  const one = await editing(({ store }) => ({
    ...store,
    load: async (id) => {
      await held;
      return store.load(id);
    },
  }));
  await one.click();
  await filled(one.world);
  const hold = (): (() => void) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    held = promise;
    return resolve;
  };
  return { ...one, hold };
}

test('of what was typed while the store was asked only the newest is told', async () => {
  const one = await editingSlowly();
  const letGo = one.hold();
  const updates = (): number => one.world.slack.requestLog().filter(({ method }) => method === 'views.update').length;
  const before = updates();

  const all = await Promise.all(['7', '70', '700', '700M', '700Mi'].map(async (value) => one.type(value)));
  letGo();

  await eventually(() => expect(dialogOf(one.world)?.words).toContain('What 700Mi would mean:'));
  expect(all).toMatchObject(Array.from({ length: 5 }, () => ({ ok: true })));
  expect(updates() - before).toBe(1);
  expect(dialogOf(one.world)?.trouble).toBeUndefined();
});

test('what was typed before an earlier answer arrived is told all the same', async () => {
  const one = await editingSlowly();
  const letGo = one.hold();
  await one.type('7');
  one.world.slack.faults.inject({ kind: 'reordered-delivery', holdMs: 60_000 });

  // Its hash is from before the answer to what was typed first.
  const typed = one.type('700Mi');
  letGo();
  await eventually(() => expect(dialogOf(one.world)?.words).toContain('Did you mean 7Mi?'));
  // What is held back goes out after whatever is delivered next.
  await command(one.world, '/oom help');
  await typed;

  await eventually(() => expect(dialogOf(one.world)?.words).toContain('What 700Mi would mean:'));
  const calls = one.world.slack.requestLog().filter(({ method }) => method === 'views.update');
  expect(calls.map(({ error }) => error)).toContain('hash_conflict');
});

test('what arrives after what was typed later is passed over', async () => {
  const one = await editingSlowly();
  one.world.slack.faults.inject({ kind: 'reordered-delivery', holdMs: 2_000 });
  const early = one.type('7');

  await one.type('700Mi');
  await early;
  await eventually(() => expect(dialogOf(one.world)?.words).toContain('What 700Mi would mean:'));
  await delay(100);

  expect(dialogOf(one.world)?.words).toContain('What 700Mi would mean:');
});

test.each([
  ['512', 'Did you mean 512Mi?'],
  ['-1Gi', 'more than nothing'],
  ['9Ei', 'more than any machine has'],
  ['1e99', 'more than any machine has'],
  ['   ', 'Nothing was typed'],
  ['100Mi', 'It used 505Mi'],
  ['512Mi', 'The limit is 512Mi already'],
  ['9Gi', 'Its node has 8Gi for all pods together'],
  ['2Gi', 'The ResourceQuota memory has 1Gi left'],
  ['<!channel> & co', '<!channel> & co is no size of memory'],
])('a value of "%s" is refused beside the input, and nothing is recorded', async (value, sentence) => {
  const one = await editing();
  await one.click();
  await filled(one.world);

  const result = await one.submit(value);

  expect(result).toMatchObject({ ok: true, became: { action: 'errors' } });
  expect(dialogOf(one.world)?.errors).toEqual({ limit: expect.stringContaining(sentence) });
  expect(await requests(one)).toEqual([]);
  expect(one.bot.advanced).toEqual([]);
});

test('a good value closes the dialog and is recorded once, although Slack delivers it twice', async () => {
  const one = await editing();
  await one.click();
  await filled(one.world);
  const fault = one.world.slack.faults.inject({ kind: 'duplicate-delivery', standing: true });

  const result = await one.submit(' 768Mi ');

  await eventually(() => expect(one.world.slack.faults.list().find(({ id }) => id === fault.id)?.fired).toBe(1));
  expect(result).toMatchObject({ ok: true, became: { action: 'closed' } });
  expect(dialogOf(one.world)).toBeNull();
  await eventually(() => expect(one.bot.advanced.length).toBeGreaterThan(0));
  expect(await requests(one)).toMatchObject([
    { action: 'edit', plan: aPlan().id, value: '768Mi', by: personNamed(one.world, 'sam') },
  ]);
});

test('a store that goes away is told beside the input, and the same submission works afterwards', async () => {
  let down = false;
  const failing = async (): Promise<never> => Promise.reject(new Failure('redis-unreachable', 'Redis is down.'));
  const one = await editing(({ store }) => ({
    ...store,
    load: async (id) => (down ? failing() : store.load(id)),
  }));
  await one.click();
  await filled(one.world);
  down = true;

  await one.submit('768Mi');
  const said = dialogOf(one.world)?.errors;
  const between = await requests(one);
  down = false;
  const again = await one.submit('768Mi');

  expect(said).toEqual({ limit: expect.stringContaining('Nothing was recorded') });
  expect(between).toEqual([]);
  expect(again).toMatchObject({ ok: true, became: { action: 'closed' } });
  expect(await requests(one)).toHaveLength(1);
});

test('a store that hangs is told within the time that Slack gives', async () => {
  let hangs = false;
  const { promise: never } = Promise.withResolvers<never>();
  const one = await editing(({ store }) => ({
    ...store,
    recordRequest: async (request) => (hangs ? never : store.recordRequest(request)),
  }));
  await one.click();
  await filled(one.world);
  hangs = true;

  const result = await one.submit('768Mi');

  expect(result).toMatchObject({ ok: true, became: { action: 'errors' } });
  expect(dialogOf(one.world)?.errors).toEqual({ limit: expect.stringContaining('do not know whether') });
});

test('a store that is away when the dialog opens is told in it', async () => {
  const failing = async (): Promise<never> => Promise.reject(new Failure('redis-unreachable', 'Redis is down.'));
  const one = await editing(({ store }) => ({ ...store, load: failing }));

  await one.click();

  await eventually(() => expect(dialogOf(one.world)?.words).toContain('I cannot reach my store'));
  expect(dialogOf(one.world)?.words).not.toContain('"input"');
});

test('a plan that was decided or replaced meanwhile is told, in the dialog and beside the input', async () => {
  const one = await editing();
  const amira = personNamed(one.world, 'amira');
  await one.click();
  await filled(one.world);
  const approved = { by: amira, at: Date.now() - 4 * 60_000 };
  await one.world.update(one.id, { remediations: [aRemediation('applying', { approved })] });

  await one.submit('768Mi');
  const decided = dialogOf(one.world)?.errors['limit'];
  await one.world.update(one.id, { remediations: [aRemediation('proposed', { plan: aPlan({ id: 'PLAN-NEW111' }) })] });
  await one.type('800Mi');

  expect(decided).toBe('A colleague approved PLAN-7F3K2A 4 min ago; it is being applied now. It is done only once.');
  await eventually(() => expect(dialogOf(one.world)?.words).toContain('That plan has been replaced by a newer one'));
  expect(await requests(one)).toEqual([]);
});

test('a dialog that was closed before it was filled bothers nobody', async () => {
  const gate = Promise.withResolvers<void>();
  const one = await editingBehind(gate.promise);
  await one.click();
  await eventually(() => expect(dialogOf(one.world)).not.toBeNull());

  await one.world.slack.control.viewClose('sam');
  gate.resolve();

  const updates = () => one.world.slack.requestLog().filter(({ method }) => method === 'views.update');
  await eventually(() => expect(updates().map(({ error }) => error)).toEqual(['not_found']));
  await delay(100);
  expect(whispers(one.world)).toEqual([]);
});

test('where Slack does not open the dialog the person is told to click again', async () => {
  const one = await editing();
  one.world.slack.faults.inject({ kind: 'internal_error', method: 'views.open' });

  await one.click();

  await eventually(() => expect(whispers(one.world)).toEqual([expect.stringContaining('please click again')]));
  expect(dialogOf(one.world)).toBeNull();
});

test('an observe-only cluster says so before anybody submits', async () => {
  const world = await openBotWorld(redis.url);
  await startTalking(world);
  const { ts } = await proposed(world, { explained, mode: 'observe' });

  await world.slack.control.click({ user: 'sam', channel: world.channel, ts, actionId: 'edit' });

  await filled(world);
  expect(dialogOf(world)?.words).toContain('whatever you choose, nothing will be changed');
});
