import { describe, expect, it, test } from 'vitest';
import { clusterKeys, slackKeys } from '../../src/adapters/redis/keys.ts';
import { createDeadKills } from '../../src/adapters/redis/queues/kills.ts';
import { createStorms } from '../../src/adapters/redis/slack/storms.ts';
import { keepNamespaces, knownNamespaces } from '../../src/adapters/redis/store/namespaces.ts';
import type { RedisClient } from '../../src/adapters/redis/redis-client.ts';
import { createStore } from '../../src/adapters/redis/store/store.ts';
import { answerEntry } from '../../src/core/incident/entry.ts';
import { stormMember } from '../../src/core/incident/storm.ts';
import { unreadableLines } from '../../src/core/talk/unreadable.ts';
import { setPause } from '../../src/flow/pause.ts';
import { sweep } from '../../src/flow/sweep.ts';
import { openBotWorld } from '../flow/show/bot-world.ts';
import { command, startTalking } from '../flow/slack/talking-bot.ts';
import { amira, sam, useWorlds, type WorkerWorld } from '../flow/worker/worker-world.ts';
import { aLoaded } from '../fixtures/incidents.ts';

const worlds = useWorlds();

type Tear = (redis: RedisClient, world: WorkerWorld, id: string) => Promise<unknown>;

const documentOf = (redis: RedisClient, { name }: WorkerWorld, id: string) =>
  redis.hget(clusterKeys(name).of(id).incident, 'document');
const put = (redis: RedisClient, { name }: WorkerWorld, id: string, document: string) =>
  redis.hset(clusterKeys(name).of(id).incident, 'document', document);
const change = async (redis: RedisClient, world: WorkerWorld, id: string, changes: object): Promise<unknown> => {
  const before: unknown = JSON.parse((await documentOf(redis, world, id)) ?? '');
  return put(redis, world, id, JSON.stringify({ ...Object(before), ...changes }));
};

const tears: readonly (readonly [string, Tear])[] = [
  ['is cut off', (redis, world, id) => put(redis, world, id, '{"schema":2,"id":')],
  ['is nothing', (redis, world, id) => put(redis, world, id, 'null')],
  ['is empty', (redis, world, id) => put(redis, world, id, '')],
  ['is of a schema of the future', (redis, world, id) => change(redis, world, id, { schema: 99 })],
  ['is of a schema of the past', (redis, world, id) => change(redis, world, id, { schema: 0 })],
  [
    'has another type in a field',
    (redis, world, id) => change(redis, world, id, { remediations: 'none', openedAt: [] }),
  ],
  [
    'is gone from beside its counters',
    (redis, { name }, id) => redis.hdel(clusterKeys(name).of(id).incident, 'document'),
  ],
  [
    'is no hash at all',
    async (redis, { name }, id) => {
      const { incident } = clusterKeys(name).of(id);
      await redis.del(incident);
      await redis.set(incident, 'what?');
    },
  ],
  ['has a torn kill', (redis, { name }, id) => redis.zadd(clusterKeys(name).of(id).recent, 1, '{"kind":')],
  ['has a torn request', (redis, { name }, id) => redis.hset(clusterKeys(name).of(id).requests, 'r1', 'yes')],
];

describe('an incident whose document', () => {
  test.each(tears)('%s hides no other, is named, and is looked at again later', async (what, tear) => {
    const world = await worlds.open();
    const before = await world.killed({ workload: 'before' });
    const torn = await world.killed({ workload: 'torn' });
    const after = await world.killed({ workload: 'after' });
    const { subject } = await world.incident(torn);
    await tear(world.redis, world, torn);
    const skipped: string[] = [];
    const counted: string[] = [];
    const store = createStore({ redis: world.redis, cluster: world.name, onUnreadable: (name) => counted.push(name) });
    const said: unknown[] = [];
    const log = (level: string, message: string, fields: object = {}): void =>
      void (level === 'error' && said.push({ message, ...fields }));

    const listed = (await store.open(10, (name) => skipped.push(name))).map(({ incident }) => incident.id);
    const began = await world.now();
    await sweep({ ...world.needs, log });

    expect(listed.toSorted()).toEqual([before, after].toSorted());
    expect([skipped, counted]).toEqual([[torn], [torn]]);
    expect(await store.latestOf(subject)).toBeNull();
    for (const id of [before, after]) expect((await world.incident(id)).explained).not.toBeNull();
    // What a newer version has written is no failure, and told of by whoever left it out.
    const isNewer = what === 'is of a schema of the future';
    const failed = { message: 'advance failed', incident: torn };
    expect(said).toMatchObject(isNewer ? [] : [failed]);
    expect(await world.dueAt(torn)).toBeGreaterThan(began);
    await expect(store.load(torn)).rejects.toThrow(torn);
  });

  it('cannot be read is named by /oom list beside all others', async () => {
    const world = await openBotWorld((await worlds.open()).redisUrl);
    const torn = await world.kill('torn');
    const whole = await world.kill('whole');
    const { redis } = await worlds.open();
    await redis.hset(clusterKeys(world.cluster).of(torn).incident, 'document', '{');
    await startTalking(world);

    const answer = await command(world, '/oom list');

    expect(answer).toContain(whole);
    expect(answer).toContain(`1 stored document could not be read and is left out: ${torn}. The log says why.`);
  });
});

it('many that cannot be read are counted, and the first named', () => {
  const names = ['INC-1', 'INC-2', 'INC-3', 'INC-4', 'INC-5', 'INC-6', 'INC-7'];

  expect(unreadableLines(names)).toEqual([
    '7 stored documents could not be read and are left out: INC-1, INC-2, INC-3, INC-4, INC-5, 2 more. The log says why.',
  ]);
  expect(unreadableLines([])).toEqual([]);
});

describe('of what is stored beside the incidents', () => {
  it('a torn line of a thread is said to be missing, and the thread goes on behind it', async () => {
    const world = await worlds.open();
    const id = await world.killed();
    const { timeline } = clusterKeys(world.name).of(id);
    await world.redis.xadd(timeline, '*', 'e', '{"at":1}');
    await world.redis.xadd(timeline, '*', 'e', JSON.stringify(answerEntry(sam, 1, 'Noted.')));

    const lines = await world.store.entries(id, '0', 10);

    expect(lines.map(({ entry }) => entry.text)).toEqual([
      'A line that belongs here cannot be read any more, so it is left out.',
      'Noted.',
    ]);
  });

  it('a torn suspect, ignored termination or line of the record is left out and named', async () => {
    const world = await worlds.open();
    const keys = clusterKeys(world.name);
    const suspect = await world.kill({ suspect: true });
    await world.store.keepSuspect(suspect, 'nobody knows');
    await hide(world.redis, { hash: keys.suspects, order: keys.suspectsOrder }, 'torn-suspect');
    await hide(world.redis, { hash: keys.ignored, order: keys.ignoredOrder }, 'torn-ignored');
    await world.redis.xadd(keys.audit, '*', 'a', '{');
    await setPause(
      { ask: 'pause', want: 'paused', by: sam, groups: [], reason: null },
      { ...world.needs, cluster: world.name },
    );
    const skipped: string[] = [];
    const skip = (name: string): void => void skipped.push(name);

    const suspects = await world.store.suspects(skip);
    const ignored = await world.store.ignored(skip);
    const record = await world.store.audit(0, 10, skip);

    expect(suspects.map(({ kill }) => kill.fingerprint)).toEqual([suspect.fingerprint]);
    expect(ignored).toEqual([]);
    expect(record.map(({ what }) => what)).toEqual(['paused']);
    expect(skipped).toEqual(['torn-suspect', 'torn-ignored', expect.stringMatching(/^line \d+-\d+ of the record$/)]);
  });

  it('a torn pause is a pause, which somebody who may approve can end', async () => {
    const world = await worlds.open();
    await world.redis.set(clusterKeys(world.name).pause, '{"by":7}');
    const id = await world.killed();
    await world.look(id);
    await world.ask(id, 'apply', amira);
    await world.look(id);
    const written = [...world.cluster.writes];

    const ended = await setPause(
      { ask: 'pause', want: 'running', by: amira, groups: [], reason: null },
      { ...world.needs, cluster: world.name },
    );

    expect(written).toEqual([]);
    expect(ended.is).toBe('running');
    expect(await world.store.pause()).toBeNull();
  });

  it('a torn limit of before keeps nobody from deciding: the next one counts', async () => {
    const world = await worlds.open();
    const id = await world.killed();
    await world.look(id);
    const { subject } = await world.incident(id);
    const now = await world.now();
    await world.redis.zadd(clusterKeys(world.name).limits(subject), now - 2_000, '{"bytes":');
    await world.store.keepLimit(subject, { bytes: 256, at: now - 1_000 });

    await world.ask(id, 'apply', amira);
    await world.look(id);

    expect(await world.store.limitBefore(subject, now - 60_000)).toMatchObject({ bytes: 256 });
    expect(world.cluster.writes).toHaveLength(1);
  });

  it('a torn counter of kills is one that was never read, and the others are kept', async () => {
    const { store, redis, name } = await worlds.open();
    const counted = { total: 2, last: 2 };
    await store.childRuns.keepCounted('run-1', counted);
    await redis.set(clusterKeys(name).childCount('run-2'), '[]');

    expect(await store.childRuns.counted(['run-1', 'run-2', 'run-3'])).toEqual([counted, null, null]);
  });

  it('torn names of namespaces are names that nobody knows', async () => {
    const { redis, name } = await worlds.open();
    await keepNamespaces(redis, name, ['shop']);
    await redis.set(clusterKeys(name).namespaces, '{}');

    expect(await knownNamespaces(redis, name)).toBeNull();
  });

  it('a torn dead letter keeps no other from being admitted', async () => {
    const { redis, name, ...world } = await worlds.open();
    const dead = createDeadKills({ redis, cluster: name });
    await redis.lpush(clusterKeys(name).killsDead, '{"at":');
    await dead.bury({ schema: 1, kill: await world.kill() }, 'an older worker took it');
    await redis.lpush(clusterKeys(name).killsDead, '7');

    expect(await dead.revive(async () => undefined)).toBe(1);
  });

  it('a torn incident of a storm is left out of it', async () => {
    const { redis, name } = await worlds.open();
    const skipped: string[] = [];
    const storms = createStorms({ redis, onUnreadable: (what) => skipped.push(what) });
    const id = `STORM-${name}`;
    await storms.openSummary({ id, channel: 'C1', openedAt: 1, away: null });
    for (const one of ['INC-1', 'INC-2', 'INC-3']) await storms.fold(id, stormMember(aLoaded({ id: one }), null));
    await redis.hset(slackKeys.stormMembers(id), 'prod/INC-2', '{}');

    const members = await storms.members(id);

    expect(members.map(({ incident }) => incident)).toEqual(['INC-1', 'INC-3']);
    expect(skipped).toEqual([`incident 2 of storm ${id}`]);
    await redis.del(slackKeys.storm(id), slackKeys.stormMembers(id), slackKeys.stormOrder(id));
  });
});

async function hide(redis: RedisClient, at: { readonly hash: string; readonly order: string }, name: string) {
  await redis.hset(at.hash, name, '{"kill":{}}');
  await redis.zadd(at.order, 1, name);
}
