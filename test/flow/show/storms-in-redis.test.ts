import { expect, test } from 'vitest';
import { bounds } from '../../../src/adapters/redis/bounds.ts';
import { redisNow } from '../../../src/adapters/redis/connection.ts';
import { slackKeys } from '../../../src/adapters/redis/keys.ts';
import { createPostings } from '../../../src/adapters/redis/slack/postings.ts';
import { createStore } from '../../../src/adapters/redis/store/store.ts';
import { createStorms } from '../../../src/adapters/redis/slack/storms.ts';
import { stormMember } from '../../../src/core/incident/storm.ts';
import { placeSchema } from '../../../src/core/talk/place.ts';
import { newPosting } from '../../../src/flow/show/turn.ts';
import { aLoaded } from '../../fixtures/incidents.ts';
import { idOf, kill, useRedis } from '../store/fixtures.ts';

const bench = useRedis();
const keptMs = 60_000;

function aStorm(name = bench.cluster()) {
  const redis = bench.redis();
  const storms = createStorms({ redis });
  const channel = `C-${name}`;
  return { redis, storms, channel, storm: { id: `STORM-${name}`, channel, openedAt: 1 } };
}

function member(at: number, kills = 1) {
  return stormMember(aLoaded({ id: `INC-${at}` }, kills), null);
}

test('of many bots that open a storm in a channel one does', async () => {
  const { storms, channel, storm } = aStorm();

  const opened = await Promise.all(
    Array.from({ length: 20 }, async (_, at) => storms.open({ ...storm, id: `${storm.id}-${at}` }, null)),
  );

  const newest = await storms.newest(channel);
  expect(opened.filter(Boolean)).toHaveLength(1);
  expect(newest).toMatchObject({ id: `${storm.id}-${opened.indexOf(true)}`, size: 0 });
  expect(Math.abs((newest?.foldedAt ?? 0) - (await redisNow(bench.redis())))).toBeLessThan(10_000);
});

test('the next storm of a channel names the one before it, also when that has expired', async () => {
  const { storms, channel, storm, redis } = aStorm();
  await storms.open(storm, null);

  const unnamed = await storms.open({ ...storm, id: `${storm.id}-2` }, null);
  await redis.del(slackKeys.storm(storm.id));
  const expired = await storms.newest(channel);
  const named = await storms.open({ ...storm, id: `${storm.id}-2` }, storm.id);

  expect([unnamed, named]).toEqual([false, true]);
  expect(expired).toEqual({ id: storm.id, foldedAt: 0, size: 0 });
});

test('incidents keep the order in which they were folded, and telling one twice changes nothing', async () => {
  const { storms, storm } = aStorm();
  await storms.open(storm, null);
  for (const at of [3, 1, 2]) await storms.fold(storm.id, member(at));
  const before = await storms.read(storm.id);

  await storms.fold(storm.id, member(1));
  const same = await storms.read(storm.id);
  await storms.fold(storm.id, member(1, 7));

  const after = await storms.read(storm.id);
  expect((await storms.members(storm.id)).map(({ incident, kills }) => [incident, kills])).toEqual([
    ['INC-3', 1],
    ['INC-1', 7],
    ['INC-2', 1],
  ]);
  expect([before?.changes, same?.changes, after?.changes]).toEqual([3, 3, 4]);
  expect((await storms.newest(storm.channel))?.size).toBe(3);
});

test('nothing is folded into a storm that does not exist', async () => {
  const { storms, storm } = aStorm();

  expect(await storms.fold(storm.id, member(1))).toBe(false);
  expect(await storms.read(storm.id)).toBeNull();
  expect(await storms.members(storm.id)).toEqual([]);
});

test('a storm is written only over its own revision', async () => {
  const { storms, storm } = aStorm();
  await storms.open(storm, null);
  const read = (await storms.read(storm.id))?.storm;
  if (read === undefined) throw new Error('no storm');

  const first = await storms.write({ ...read, root: placeSchema.parse('C1/1.1') });
  const second = await storms.write({ ...read, root: placeSchema.parse('C1/2.2') });

  expect([first, second]).toEqual([{ ...read, revision: 2, root: 'C1/1.1' }, null]);
  expect((await storms.read(storm.id))?.storm).toEqual(first);
});

test('a storm is due from each change until it is shown as it is, unless it is put off', async () => {
  const { storms, storm, redis } = aStorm();
  const isDue = async () => (await storms.due(1000)).includes(storm.id);
  await storms.open(storm, null);
  const opened = await isDue();
  await storms.fold(storm.id, member(1));
  const folded = await isDue();
  await storms.fold(storm.id, member(2));

  const early = await storms.settle(storm.id, 1);
  const still = await isDue();
  await storms.postpone(storm.id, (await redisNow(redis)) + 60_000);
  const putOff = await isDue();
  const settled = await storms.settle(storm.id, 2);

  expect([opened, folded, early, still, putOff, settled]).toEqual([false, true, false, true, false, true]);
  expect(await redis.zscore(slackKeys.stormsDue, storm.id)).toBeNull();
});

test('a storm expires with all that is its, counted from its last change, and is due no more', async () => {
  const { redis, storm } = aStorm();
  const storms = createStorms({ redis, bounds: { ...bounds, closedMs: keptMs } });
  await storms.open(storm, null);
  await storms.fold(storm.id, member(1));

  const keys = [
    slackKeys.storm(storm.id),
    slackKeys.stormMembers(storm.id),
    slackKeys.stormOrder(storm.id),
    slackKeys.stormIn(storm.channel),
  ];
  const left = await Promise.all(keys.map(async (key) => redis.pttl(key)));
  await redis.del(...keys);
  await storms.postpone(storm.id, 1);

  for (const ms of left) {
    expect(ms).toBeGreaterThan(0);
    expect(ms).toBeLessThanOrEqual(keptMs);
  }
  expect(await redis.zscore(slackKeys.stormsDue, storm.id)).toBeNull();
});

test('a folded posting is settled when all is told, and due again as soon as it is claimed for a root', async () => {
  const cluster = bench.cluster();
  const redis = bench.redis();
  const store = createStore({ redis, cluster });
  const postings = createPostings({ redis, cluster });
  const id = idOf(await store.admit(kill(cluster, 0), 'act'));
  const fold = { storm: 'STORM-1', told: '', answered: '0', openedBy: null };
  const folded = { ...newPosting('C1'), fold };

  await postings.write(id, folded);
  const untold = await postings.settle(id);
  await postings.write(id, { ...folded, revision: 1, shownVersion: 1, shownKills: 1 });
  const told = await postings.settle(id);
  const dueAfter = await postings.due(10);
  await postings.write(id, { ...folded, revision: 2, fold: { ...fold, openedBy: 'U1' } });

  expect([untold, told, dueAfter]).toEqual([false, true, []]);
  expect(await postings.due(10)).toEqual([id]);
});

test('a posting that an earlier version stored in another form is refused, with what is wrong with it', async () => {
  const cluster = bench.cluster();
  const redis = bench.redis();
  const postings = createPostings({ redis, cluster });
  const old = { state: 'posted', channel: 'C1', ts: '1.1', shownVersion: 1, shownKills: 1, shownEntry: '0' };
  await redis.hset(`{oomkeeper:${cluster}}:posting:INC-1`, { revision: 4, document: JSON.stringify(old) });

  await expect(postings.read('INC-1')).rejects.toMatchObject({ code: 'bad-document' });
});
