import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestRedis, type TestRedis } from '../../redis.ts';
import type { Place } from '../../../src/core/talk/place.ts';
import type { Posting } from '../../../src/flow/show/needs.ts';
import { newPosting } from '../../../src/flow/show/turn.ts';
import { stormMember } from '../../../src/core/incident/storm.ts';
import { aLoaded, anExplanation } from '../../fixtures/incidents.ts';
import { aLine, below, type Bot, type BotWorld, impatient, into, openBotWorld, silentMs } from './bot-world.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await openTestRedis();
});
afterAll(async () => {
  await redis.stop();
});

/** A burst and then nothing for longer than a test takes: what waits goes on waiting. */
const slow = {
  post: { burst: 1, perSecond: 0.05 },
  update: { burst: 100, perSecond: 100 },
  ephemeral: { burst: 100, perSecond: 100 },
};

/** So many workloads are killed at once and shown by one bot that folds what comes after the first few. */
async function aFlood(
  world: BotWorld,
  count: number,
  prefix = 'shop',
): Promise<{ readonly ids: readonly string[]; readonly bot: Bot }> {
  const ids = await Promise.all(Array.from({ length: count }, async (_, at) => world.kill(`${prefix}-${at}`)));
  const flooded = await world.bot(slow, 5);
  await Promise.all(ids.map(async (id) => flooded.show(id)));
  await flooded.stop();
  return { ids, bot: await world.bot(undefined, 5) };
}

async function statesOf(world: BotWorld, ids: readonly string[]): Promise<readonly string[]> {
  return Promise.all(ids.map(world.stateOf));
}

function stormRoots(world: BotWorld) {
  return world.roots().filter(({ blocks, text }) => text.includes('Storm') || blocks.includes('Storm'));
}

function rootOf(world: BotWorld, id: string) {
  return world.roots().find(({ text }) => text.includes(id) && !text.includes('STORM-'));
}

/** The lines that list incidents in the storm's thread. */
function listed(world: BotWorld): readonly string[] {
  return world.replies().flatMap(({ text }) => text.split('\n'));
}

test('of forty roots that wait at once the first few are posted and all others are lines in one storm', async () => {
  const world = await openBotWorld(redis.url);

  const { ids, bot } = await aFlood(world, 40);
  await world.showStorm(bot);

  const states = await statesOf(world, ids);
  const folded = ids.filter((_, at) => states[at] === 'folded');
  expect(stormRoots(world)).toHaveLength(1);
  expect(world.roots().length).toBeLessThanOrEqual(6 + 1);
  expect(states.filter((state) => state === 'posted')).toHaveLength(world.roots().length - 1);
  expect(folded.length + world.roots().length - 1).toBe(40);
  for (const id of folded) expect(listed(world).filter((line) => line.includes(id))).toHaveLength(1);
  expect(world.replies()).toHaveLength(Math.ceil(folded.length / 20));
  expect(stormRoots(world)[0]?.text).toContain(`${folded.length} of ${folded.length} on node node-1`);
  expect(await world.postings.due(100)).toEqual([]);
});

test('where folding is off, every incident gets its root', async () => {
  const world = await openBotWorld(redis.url);
  const ids = await Promise.all(Array.from({ length: 12 }, async (_, at) => world.kill(`shop-${at}`)));
  const bot = await world.bot(undefined, 0);

  await Promise.all(ids.map(async (id) => world.showAll(bot, id)));

  expect(world.roots()).toHaveLength(12);
  expect(stormRoots(world)).toEqual([]);
});

test('five that wait are no storm', async () => {
  const world = await openBotWorld(redis.url);
  const ids = await Promise.all(Array.from({ length: 5 }, async (_, at) => world.kill(`shop-${at}`)));
  const bot = await world.bot(undefined, 5);

  await Promise.all(ids.map(async (id) => world.showAll(bot, id)));

  expect(world.roots()).toHaveLength(5);
  expect(stormRoots(world)).toEqual([]);
});

test('two bots that meet the same flood fold it into one storm with one root, each incident once', async () => {
  const world = await openBotWorld(redis.url);
  const ids = await Promise.all(Array.from({ length: 30 }, async (_, at) => world.kill(`shop-${at}`)));
  const flooded = [await world.bot(slow, 5), await world.bot(slow, 5)];

  await Promise.all(flooded.flatMap((bot) => ids.map(async (id) => bot.show(id))));
  await Promise.all(flooded.map(async ({ stop }) => stop()));
  const bots = [await world.bot(undefined, 5), await world.bot(undefined, 5)];
  await Promise.all(bots.map(async (bot) => world.showStorm(bot)));

  const states = await statesOf(world, ids);
  const folded = ids.filter((_, at) => states[at] === 'folded');
  expect(stormRoots(world)).toHaveLength(1);
  expect(world.roots()).toHaveLength(1 + states.filter((state) => state === 'posted').length);
  for (const id of folded) expect(listed(world).filter((line) => line.includes(id))).toHaveLength(1);
});

test('a storm that waits for its next edit is not read for each kill of its incidents', async () => {
  const world = await openBotWorld(redis.url);
  const { ids } = await aFlood(world, 10);
  let reads = 0;
  const counting = <T extends object>(needs: T): T =>
    new Proxy(needs, {
      get: (target, name, receiver): unknown => {
        if (name === 'members') reads += 1;
        return Reflect.get(target, name, receiver);
      },
    });
  const bot = await world.bot(undefined, 5, counting);
  const storm = await world.showStorm(bot);
  // So early that on no machine the next edit is due meanwhile.
  world.wait(-60_000);
  const folded = (await statesOf(world, ids)).filter((state) => state === 'folded').length;
  const kill = async (): Promise<void> => {
    await world.kill('shop-9');
    await bot.show(ids.at(-1) ?? '');
  };
  await kill();
  await bot.showStorm(storm);
  const before = reads;

  for (let kills = 0; kills < 6; kills += 1) {
    await kill();
    expect((await bot.showStorm(storm)).is).toBe('postponed');
  }

  expect(reads).toBe(before);
  await world.showStorm(bot);
  expect(stormRoots(world)[0]?.text).toContain(` ${folded + 7} kills`);
});

test('kills of a folded incident are counted in the root, which is not edited more than once per 5 s', async () => {
  const world = await openBotWorld(redis.url);
  const { ids, bot } = await aFlood(world, 10);
  await world.showStorm(bot);
  // So early that on no machine the next edit is due meanwhile.
  world.wait(-60_000);
  const edits = () => world.slack.requestLog().filter(({ method }) => method === 'chat.update').length;
  const before = edits();

  const victim = ids.at(-1) ?? '';
  for (let kills = 0; kills < 6; kills += 1) {
    await world.kill('shop-9');
    await bot.show(victim);
  }
  const early = await bot.showStorm((await world.storms.newest(world.channel))?.id ?? '');
  const editsEarly = edits() - before;
  await world.showStorm(bot);

  expect([early.is, editsEarly]).toEqual(['postponed', 0]);
  expect(edits() - before).toBe(1);
  expect(stormRoots(world)[0]?.text).toContain('× 7 · shop-9');
});

test('an incident that is opened gets its root with all its evidence, and its line says so', async () => {
  const world = await openBotWorld(redis.url);
  const { ids, bot } = await aFlood(world, 10);
  const id = ids.at(-1) ?? '';
  await world.update(id, { explained: anExplanation() }, [aLine('first'), aLine('second')]);
  await bot.show(id);
  await world.showStorm(bot);
  const before = world.roots().length;
  const saidBefore = listed(world).filter((line) => ['first', 'second'].includes(line));

  const openings = [await bot.open(id, 'UAMIRA'), await bot.open(id, 'USAM')];
  const due = await world.postings.due(100);
  await world.showAll(bot, id);
  await world.showStorm(bot);

  const root = rootOf(world, id);
  const line = world.replies().find(({ blocks }) => blocks.includes(id) && blocks.includes('its own thread'));
  expect(saidBefore).toEqual([]);
  expect(openings.map(({ is }) => is)).toEqual(['opened', 'under-way']);
  expect(due).toContain(id);
  expect(world.roots()).toHaveLength(before + 1);
  expect(root?.text).toContain('Limit too low');
  expect(world.slack.store.replies(world.channel, root?.ts ?? '').map(({ text }) => text)).toEqual(['first', 'second']);
  expect(line?.blocks).toContain('<@UAMIRA>');
  expect(line?.blocks).toContain(`/p${root?.ts.replace('.', '')}|`);
  expect(line?.blocks).not.toContain(`"incident":"${id}"`);
  expect((await bot.open(id, 'USAM')).is).toBe('has-thread');
  expect(await world.postings.due(100)).toEqual([]);
});

test('an answer to a person is whispered while an incident is folded, and not again when it is opened', async () => {
  const world = await openBotWorld(redis.url);
  const sam = world.slack.workspace.people.find(({ name }) => name === 'sam')?.id ?? '';
  const { ids, bot } = await aFlood(world, 10);
  const id = ids.at(-1) ?? '';
  const answer = aLine('Only for you.', { audience: { to: 'person', user: sam }, kind: 'answer' });

  await world.update(id, {}, [aLine('before'), answer, aLine('after')]);
  await bot.show(id);
  const whileFolded = world.slack.store.ephemerals().map(({ text }) => text);
  await bot.open(id, sam);
  await world.showAll(bot, id);

  const root = rootOf(world, id);
  expect(whileFolded).toEqual(['Only for you.']);
  expect(world.slack.store.ephemerals()).toHaveLength(1);
  expect(world.slack.store.replies(world.channel, root?.ts ?? '').map(({ text }) => text)).toEqual(['before', 'after']);
});

test('two bots that look at a folded incident at once answer a person once', async () => {
  const world = await openBotWorld(redis.url);
  const sam = world.slack.workspace.people.find(({ name }) => name === 'sam')?.id ?? '';
  const { ids, bot } = await aFlood(world, 10);
  const other = await world.bot(undefined, 5);
  const id = ids.at(-1) ?? '';
  await world.update(id, {}, [aLine('Only for you.', { audience: { to: 'person', user: sam }, kind: 'answer' })]);

  await Promise.all([bot.show(id), other.show(id)]);

  expect(world.slack.store.ephemerals()).toHaveLength(1);
});

test('a storm takes in at once what comes soon, then only the next flood, and at last it is over', async () => {
  const world = await openBotWorld(redis.url);
  const { bot } = await aFlood(world, 10);
  const first = await world.showStorm(bot);

  const soon = await world.kill('soon');
  await bot.show(soon);
  await world.ageStorm(60_000);
  const later = await world.kill('later');
  await bot.show(later);
  const again = await aFlood(world, 10, 'again');
  await world.ageStorm(11 * 60_000);
  await aFlood(world, 10, 'much-later');

  const membersOf = async (id: string) => (await world.storms.members(id)).map(({ subject }) => subject.workload.name);
  const second = (await world.storms.newest(world.channel))?.id ?? '';
  expect(await statesOf(world, [soon, later])).toEqual(['folded', 'posted']);
  expect(await membersOf(first)).toContain('again-9');
  expect((await statesOf(world, again.ids)).filter((state) => state === 'posted').length).toBeLessThanOrEqual(6);
  expect(second).not.toBe(first);
  expect(await membersOf(second)).toContain('much-later-9');
  expect(await membersOf(first)).not.toContain('much-later-9');
});

test('a storm root that timed out after success is found again, not posted again', async () => {
  const world = await openBotWorld(redis.url, impatient);
  const { bot } = await aFlood(world, 10);
  const fault = world.slack.faults.inject({
    kind: 'timeout-after-success',
    method: 'chat.postMessage',
    holdMs: silentMs,
  });

  await world.showStorm(bot);

  expect(world.slack.faults.list().find(({ id }) => id === fault.id)?.fired).toBe(1);
  expect(stormRoots(world)).toHaveLength(1);
});

test('a list that timed out after success is found again, not posted again', async () => {
  const world = await openBotWorld(redis.url, impatient);
  const { bot } = await aFlood(world, 10);
  const id = (await world.storms.newest(world.channel))?.id ?? '';
  await recordRoot(world, id, await postStorm(world, bot, id));
  world.slack.faults.inject({ kind: 'timeout-after-success', method: 'chat.postMessage', holdMs: silentMs });

  await world.showStorm(bot);

  expect(world.replies()).toHaveLength(1);
  expect(stormRoots(world)).toHaveLength(1);
});

test('what a bot posted and did not record before it died is taken over by the next: root and list', async () => {
  const world = await openBotWorld(redis.url);
  const { bot: dead } = await aFlood(world, 10);
  const id = (await world.storms.newest(world.channel))?.id ?? '';
  const storm = (await world.storms.read(id))?.storm;
  if (storm === undefined) throw new Error('no storm');
  await world.storms.write({ ...storm, claims: { root: Date.now(), 'page-1': Date.now() } });
  const root = await postStorm(world, dead, id);

  const adopts = await world.bot(undefined, 5);
  const view = { id, members: (await world.storms.members(id)).slice(0, 3), page: 'page-1' };
  await dead.chat.post(below(world.channel, root), { of: 'storm-page', view });
  await world.showStorm(adopts);

  const members = await world.storms.members(id);
  expect(stormRoots(world).map(world.placeOf)).toEqual([root]);
  expect(world.replies()).toHaveLength(1);
  for (const { incident } of members) expect(world.replies()[0]?.text).toContain(incident);
});

test('a bot that died between claim and post of a storm is waited for, and then the root is posted', async () => {
  const world = await openBotWorld(redis.url);
  const { bot } = await aFlood(world, 10);
  const id = (await world.storms.newest(world.channel))?.id ?? '';
  const storm = (await world.storms.read(id))?.storm;
  if (storm === undefined) throw new Error('no storm');
  // So young that no machine is slow enough for it to become old meanwhile.
  await world.storms.write({ ...storm, claims: { root: Date.now() + 60_000 } });

  const early = await bot.showStorm(id);
  await world.showStorm(bot);

  expect(early.is).toBe('postponed');
  expect(stormRoots(world)).toHaveLength(1);
});

test('a bot that died before it told the storm leaves an incident that the next one tells', async () => {
  const world = await openBotWorld(redis.url);
  const { bot } = await aFlood(world, 10);
  const storm = await world.showStorm(bot);
  const id = await world.kill('late');
  await world.postings.write(id, foldedInto(storm, world.channel));

  const due = await world.postings.due(100);
  await bot.show(id);
  await world.showStorm(bot);

  expect(due).toContain(id);
  expect(listed(world).filter((line) => line.includes(id))).toHaveLength(1);
});

test('an incident whose storm is gone gets a root of its own', async () => {
  const world = await openBotWorld(redis.url);
  const id = await world.kill();
  await world.postings.write(id, foldedInto('STORM-GONE00', world.channel));

  await world.showAll(await world.bot(undefined, 5), id);

  expect(world.roots()).toMatchObject([{ text: expect.stringContaining(id) }]);
  expect(await world.postings.read(id)).toMatchObject({ root: expect.any(String), fold: null });
});

test('when Redis was lost, the old storm stays as it was and the next kill of its workloads is shown anew', async () => {
  const world = await openBotWorld(redis.url);
  const { bot } = await aFlood(world, 10);
  await world.showStorm(bot);
  const [storm] = stormRoots(world);
  const before = world.roots().length;
  await world.loseRedis();

  const id = await world.kill('shop-9');
  await world.showAll(await world.bot(undefined, 5), id);

  expect(world.roots()).toHaveLength(before + 1);
  expect(stormRoots(world)).toEqual([storm]);
  expect(await world.stateOf(id)).toBe('posted');
});

test('a storm root that somebody deleted is posted anew, with its lists', async () => {
  const world = await openBotWorld(redis.url);
  const { ids, bot } = await aFlood(world, 10);
  await world.showStorm(bot);
  await bot.chat.remove(world.placeOf(stormRoots(world)[0]));
  await world.kill('shop-9');
  await bot.show(ids.at(-1) ?? '');
  world.wait(6_000);

  await world.showStorm(bot);

  const [again] = stormRoots(world);
  expect(stormRoots(world)).toHaveLength(1);
  expect(world.slack.store.replies(world.channel, again?.ts ?? '')).toHaveLength(1);
});

test('where a storm can no longer be edited, that is said once and its lists go on as new messages', async () => {
  const world = await openBotWorld(redis.url);
  const { ids, bot } = await aFlood(world, 10);
  await world.showStorm(bot);
  world.slack.faults.inject({ kind: 'edit_window_closed', method: 'chat.update', count: 10 });
  const id = ids.at(-1) ?? '';
  await bot.open(id, 'UAMIRA');
  world.wait(6_000);
  await bot.show(id);

  await world.showStorm(bot);
  await world.kill('shop-9');
  await bot.show(id);
  await world.showStorm(bot);

  const thread = world.slack.store
    .replies(world.channel, stormRoots(world)[0]?.ts ?? '')
    .map((one) => JSON.stringify(one.blocks));
  expect(thread.filter((blocks) => blocks.includes('no longer lets'))).toHaveLength(1);
  expect(thread.filter((blocks) => blocks.includes('its own thread'))).toHaveLength(1);
});

test('a 429 while a storm is told delays it and doubles nothing', async () => {
  const world = await openBotWorld(redis.url);
  const { bot } = await aFlood(world, 10);
  world.slack.faults.inject({ kind: 'ratelimited', method: 'chat.postMessage', count: 2 });

  await world.showStorm(bot);

  expect(stormRoots(world)).toHaveLength(1);
  expect(world.replies()).toHaveLength(1);
});

/** By a bot that does not record it. */
async function postStorm(world: BotWorld, bot: Bot, id: string): Promise<Place> {
  const storm = (await world.storms.read(id))?.storm;
  if (storm === undefined) throw new Error('no storm');
  const view = { ...storm, members: await world.storms.members(id) };
  return bot.chat.post(into(world.channel), { of: 'storm', view });
}

async function recordRoot(world: BotWorld, id: string, root: Place): Promise<void> {
  const storm = (await world.storms.read(id))?.storm;
  if (storm === undefined) throw new Error('no storm');
  await world.storms.write({ ...storm, root });
}

function foldedInto(storm: string, channel: string): Posting {
  return { ...newPosting(channel), fold: { storm, told: '', answered: '0', openedBy: null } };
}

test('where tables are refused a list has a line and a button for each of its incidents', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await world.bot();
  const members = ['a', 'b', 'c'].map((name) =>
    stormMember(aLoaded({ id: `INC-000${name.toUpperCase()}`, explained: anExplanation() }), null),
  );
  world.slack.faults.inject({ kind: 'invalid_blocks', method: 'chat.postMessage' });

  await bot.chat.post(into(world.channel), { of: 'storm-page', view: { id: 'STORM-7F3K2A', members, page: 'page-1' } });

  const [list] = world.roots();
  expect(list?.blocks).not.toContain('"table"');
  expect(list?.blocks.match(/open-incident/g)).toHaveLength(3);
  for (const { incident } of members) expect(list?.blocks).toContain(`· ${incident}`);
});
