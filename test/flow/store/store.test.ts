import { describe, expect, test } from 'vitest';
import { bounds } from '../../../src/adapters/redis/bounds.ts';
import { redisNow } from '../../../src/adapters/redis/connection.ts';
import { clusterKeys } from '../../../src/adapters/redis/keys.ts';
import { ownVersion } from '../../../src/adapters/own-version.ts';
import { createStore } from '../../../src/adapters/redis/store/store.ts';
import type { Store } from '../../../src/flow/needs.ts';
import { change, closing, entry, idOf, kill, request, useRedis } from './fixtures.ts';

const hour = 3_600_000;
const bench = useRedis();

/** A store with one open incident. */
async function withIncident(changes: Partial<typeof bounds> = {}) {
  const cluster = bench.cluster();
  const redis = bench.redis();
  const store = createStore({ redis, cluster, bounds: { ...bounds, ...changes } });
  const id = idOf(await store.admit(kill(cluster, 0), 'act'));
  return { cluster, redis, store, id, keys: clusterKeys(cluster), now: await redisNow(redis) };
}

async function texts(store: Store, id: string): Promise<string[]> {
  return (await store.entries(id, '0', 10_000)).map((one) => one.entry.text);
}

describe('updating an incident', () => {
  test('stores document, entries and the next time in one go, at the next version', async () => {
    const { store, id, now } = await withIncident();

    const stored = await store.update(id, (loaded) =>
      change(loaded, {
        incident: { ...loaded.incident, acknowledged: { by: 'U1', at: 5 } },
        entries: [entry('one'), entry('two')],
        dueAt: now + hour,
      }),
    );

    expect(stored?.incident).toMatchObject({ version: 2, acknowledged: { by: 'U1', at: 5 } });
    expect(await store.load(id)).toEqual(stored);
    expect(await texts(store, id)).toEqual(['one', 'two']);
    expect(await store.due(10)).toEqual([]);
  });

  test('writes nothing when there is nothing to do', async () => {
    const { store, id } = await withIncident();

    const stored = await store.update(id, () => null);

    expect(stored?.incident.version).toBe(1);
    expect(await store.due(10)).toEqual([id]);
  });

  test('answers null for an incident that is not there and forgets that it was due', async () => {
    const { store, id, redis, keys } = await withIncident();
    await redis.del(keys.of(id).incident);

    const stored = await store.update(id, (loaded) => change(loaded, {}));

    expect(stored).toBeNull();
    expect(await store.due(10)).toEqual([]);
    expect(await store.open(10)).toEqual([]);
  });

  test('decides again on the latest version after a conflict', async () => {
    const { store, id } = await withIncident();
    const seen: number[] = [];
    let other: Promise<unknown> = Promise.resolve();

    await store.update(id, (loaded) => {
      seen.push(loaded.incident.version);
      if (seen.length === 1) other = store.update(id, (theirs) => change(theirs, { entries: [entry('theirs')] }));
      return change(loaded, { entries: [entry('ours')] });
    });
    await other;

    expect((await store.load(id))?.incident.version).toBe(3);
    expect((await texts(store, id)).toSorted()).toEqual(['ours', 'theirs']);
  });

  test('loses none of 20 concurrent events and does none twice', async () => {
    const { store, id } = await withIncident();

    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        store.update(id, (loaded) => change(loaded, { entries: [entry(`event ${n}`)] })),
      ),
    );

    expect((await texts(store, id)).toSorted()).toEqual(Array.from({ length: 20 }, (_, n) => `event ${n}`).toSorted());
    expect((await store.load(id))?.incident.version).toBe(21);
  });

  test('is not held up by kills that keep coming', async () => {
    const { store, id, cluster } = await withIncident();
    let tries = 0;

    await Promise.all([
      ...Array.from({ length: 30 }, (_, n) => store.admit(kill(cluster, n + 1), 'act')),
      store.update(id, (loaded) => {
        tries += 1;
        return change(loaded, { entries: [entry('explained')] });
      }),
    ]);

    expect(tries).toBe(1);
    expect((await store.load(id))?.tally.count).toBe(31);
  });

  test('gives a change of mind about what is undecided only what was decided', async () => {
    const { store, id } = await withIncident();
    await store.recordRequest(request(id, 'R1', 1));
    await store.recordRequest(request(id, 'R2', 2));

    const stored = await store.update(id, (loaded) => change(loaded, { decided: ['R1'] }));

    expect(stored?.requests.map((one) => one.id)).toEqual(['R2']);
  });

  test('trims a timeline', async () => {
    const { store, id } = await withIncident({ entries: 100 });
    const many = Array.from({ length: 500 }, (_, n) => entry(`entry ${n}`));

    await store.update(id, (loaded) => change(loaded, { entries: many }));

    const left = await texts(store, id);
    expect(left.length).toBeGreaterThanOrEqual(100);
    expect(left.length).toBeLessThanOrEqual(200);
    expect(left.at(-1)).toBe('entry 499');
  });

  test('reads entries after a cursor, oldest first', async () => {
    const { store, id } = await withIncident();
    await store.update(id, (loaded) => change(loaded, { entries: ['a', 'b', 'c', 'd'].map(entry) }));

    const first = await store.entries(id, '0', 2);
    const rest = await store.entries(id, first.at(-1)?.id ?? '', 10);

    expect(first.map((one) => one.entry.text)).toEqual(['a', 'b']);
    expect(rest.map((one) => one.entry.text)).toEqual(['c', 'd']);
  });
});

describe('closing an incident', () => {
  test('takes it off everything that is open or due and lets all of it expire', async () => {
    const { store, id, cluster, redis, keys } = await withIncident({ closedMs: 30 * 24 * hour });
    await store.recordRequest(request(id, 'R1'));

    const stored = await store.update(id, (loaded) => ({ ...closing(loaded), dueAt: null }));

    expect(stored?.incident.state).toMatchObject({ is: 'closed', outcome: 'quiet' });
    expect(await store.open(10)).toEqual([]);
    expect(await store.due(10)).toEqual([]);
    const { incident, recent, timeline, requests, asked } = keys.of(id);
    const all = [incident, recent, timeline, requests, asked, keys.lastPointer(kill(cluster, 0).subject)];
    const left = await Promise.all(all.map((key) => redis.pttl(key)));
    expect(left.filter((ms) => ms > 29 * 24 * hour)).toHaveLength(all.length);
    expect(await redis.get(keys.openPointer(kill(cluster, 0).subject))).toBeNull();
  });

  test('leaves it due where a check is still to come', async () => {
    const { store, id } = await withIncident();

    await store.update(id, (loaded) => ({ ...closing(loaded), dueAt: 1 }));

    expect(await store.open(10)).toEqual([]);
    expect(await store.due(10)).toEqual([id]);
  });

  test('looks again when a kill has come that the one who closes it has not seen', async () => {
    const { store, id, redis, keys } = await withIncident();
    const counts: number[] = [];
    let late: Promise<unknown> = Promise.resolve();

    await store.update(id, (loaded) => {
      counts.push(loaded.tally.count);
      if (counts.length > 1) return null;
      // What a kill does to the tally, in one command, so that it surely arrives before the close.
      late = redis.hincrby(keys.of(id).incident, 'count', 1);
      return closing(loaded);
    });
    await late;

    expect(counts).toEqual([1, 2]);
    expect((await store.load(id))?.incident.state.is).toBe('open');
  });

  test('looks again when somebody has asked for something meanwhile', async () => {
    const { store, id } = await withIncident();
    const asked: number[] = [];
    let late: Promise<unknown> = Promise.resolve();

    await store.update(id, (loaded) => {
      asked.push(loaded.requests.length);
      if (asked.length > 1) return null;
      late = store.recordRequest(request(id, 'R1'));
      return closing(loaded);
    });
    await late;

    expect(asked).toEqual([0, 1]);
  });

  test('is final', async () => {
    const { store, id } = await withIncident();
    await store.update(id, closing);

    const reopening = store.update(id, (loaded) =>
      change(loaded, { incident: { ...loaded.incident, state: { is: 'open' } } }),
    );

    await expect(reopening).rejects.toMatchObject({ code: 'incident-closed' });
  });

  test('still lets a late click be answered, and what that writes expires too', async () => {
    const { store, id, redis, keys } = await withIncident();
    await store.update(id, (loaded) => ({ ...closing(loaded), entries: [] }));

    const recorded = await store.recordRequest(request(id, 'R1'));
    const dueAfterTheClick = await store.due(10);
    await store.update(id, (loaded) => change(loaded, { decided: ['R1'], entries: [entry('too late')] }));

    expect(recorded).toBe('recorded');
    expect(dueAfterTheClick).toEqual([id]);
    expect(await store.due(10)).toEqual([]);
    expect(await texts(store, id)).toEqual(['too late']);
    expect(await redis.pttl(keys.of(id).timeline)).toBeGreaterThan(0);
    expect(await redis.pttl(keys.of(id).asked)).toBeGreaterThan(0);
  });
});

describe('what is due', () => {
  test('comes when its time has come, oldest first', async () => {
    const { store, id, cluster, now } = await withIncident();
    const other = idOf(await store.admit(kill(cluster, 1, { workload: 'cart' }), 'act'));
    await store.postpone(id, now - 1_000);
    await store.postpone(other, now - 2_000);

    const due = await store.due(10);
    const oldest = await store.due(1);
    await store.postpone(other, now + hour);

    expect(due).toEqual([other, id]);
    expect(oldest).toEqual([other]);
    expect(await store.due(10)).toEqual([id]);
  });

  test('comes back at once with a kill', async () => {
    const { store, id, cluster, now } = await withIncident();
    await store.postpone(id, now + hour);

    await store.admit(kill(cluster, 1), 'act');

    expect(await store.due(10)).toEqual([id]);
  });

  test('stays when a request has come that the one who postpones has not seen', async () => {
    const { store, id, now } = await withIncident();
    const seen = await store.load(id);
    await store.recordRequest(request(id, 'R1'));

    await store.postpone(id, now + hour, seen ?? undefined);
    const unseen = await store.due(10);
    await store.postpone(id, now + hour, (await store.load(id)) ?? undefined);

    expect(unseen).toEqual([id]);
    expect(await store.due(10)).toEqual([]);
  });

  test('stays when a kill or a request comes while a change is being decided', async () => {
    const { store, id, now } = await withIncident();
    let late: Promise<unknown> = Promise.resolve();

    await store.update(id, (loaded) => {
      late = store.recordRequest(request(id, 'R1'));
      return change(loaded, { dueAt: now + hour });
    });
    await late;

    expect(await store.due(10)).toEqual([id]);
  });

  test('does not bring back what is closed or unknown', async () => {
    const { store, id, now } = await withIncident();
    await store.update(id, closing);

    await store.postpone(id, now - 1);
    await store.postpone('INC-NONE', now - 1);

    expect(await store.due(10)).toEqual([]);
  });
});

describe('requests', () => {
  test('are recorded once, even after they were decided', async () => {
    const { store, id } = await withIncident();

    const answers = await Promise.all(Array.from({ length: 10 }, () => store.recordRequest(request(id, 'R1'))));
    await store.update(id, (loaded) => change(loaded, { decided: ['R1'] }));
    const afterwards = await store.recordRequest(request(id, 'R1'));

    expect(answers.filter((answer) => answer === 'recorded')).toHaveLength(1);
    expect(afterwards).toBe('known');
    expect((await store.load(id))?.requests).toEqual([]);
  });

  test('make their incident due now and come oldest first', async () => {
    const { store, id, now } = await withIncident();
    await store.postpone(id, now + hour);

    await store.recordRequest(request(id, 'R2', 20));
    await store.recordRequest(request(id, 'R1', 10));

    expect(await store.due(10)).toEqual([id]);
    expect((await store.load(id))?.requests.map((one) => one.id)).toEqual(['R1', 'R2']);
  });

  test('of an unknown incident are refused', async () => {
    const { store } = await withIncident();

    const answer = await store.recordRequest(request('INC-NONE', 'R1'));

    expect(answer).toBe('no-incident');
  });

  test('are remembered in bounded number', async () => {
    const { store, id, redis, keys } = await withIncident({ asked: 10 });

    for (let n = 0; n < 30; n += 1) await store.recordRequest(request(id, `R${n}`, n));

    expect(await redis.zcard(keys.of(id).asked)).toBe(10);
  });
});

describe('reading incidents', () => {
  test('lists the open ones by their latest kill, newest first', async () => {
    const { store, id, cluster } = await withIncident();
    const other = idOf(await store.admit(kill(cluster, 1, { workload: 'cart' }), 'act'));
    await store.admit(kill(cluster, 2), 'act');

    const all = await store.open(10);
    const newest = await store.open(1);

    expect(all.map(({ incident }) => incident.id)).toEqual([id, other]);
    expect(newest.map(({ incident }) => incident.id)).toEqual([id]);
  });

  test('says which incident has a document that cannot be read', async () => {
    const { store, id, redis, keys } = await withIncident();
    await redis.hset(keys.of(id).incident, 'document', '{"schema":2,"id":7}');

    const loading = store.load(id);

    await expect(loading).rejects.toMatchObject({ code: 'bad-document', message: expect.stringContaining(id) });
  });

  test.each([
    [3, 'newer-document'],
    [0, 'older-document'],
  ])('says that a document of schema %i is a %s', async (schema, code) => {
    const { store, id, redis, keys } = await withIncident();
    const document = (await redis.hget(keys.of(id).incident, 'document')) ?? '';
    await redis.hset(keys.of(id).incident, 'document', document.replace('"schema":2', `"schema":${schema}`));

    const loading = store.load(id);

    await expect(loading).rejects.toMatchObject({ code, message: expect.stringContaining(id) });
  });

  test('keeps fields that nobody here knows, at the top and further in, and writes them back', async () => {
    const { store, id, redis, keys, cluster } = await withIncident();
    const document = (await redis.hget(keys.of(id).incident, 'document')) ?? '';
    const from = document
      .replace('{"id"', '{"mood":"calm","id"')
      .replace('"state":{', '"state":{"since":7,')
      .replace('"trigger":{', '"trigger":{"weather":"fine",');
    await redis.hset(keys.of(id).incident, 'document', from);

    await store.update(id, (loaded) =>
      change(loaded, { incident: { ...loaded.incident, acknowledged: { by: 'U1', at: 1 } } }),
    );

    const after: unknown = JSON.parse((await redis.hget(keys.of(id).incident, 'document')) ?? '');
    expect(after).toMatchObject({
      mood: 'calm',
      state: { is: 'open', since: 7 },
      trigger: { weather: 'fine', subject: { cluster } },
      acknowledged: { by: 'U1' },
    });
  });

  test('leaves alone what it would have to know to carry it out: a plan or a request with an unknown field', async () => {
    const { store, id, redis, keys } = await withIncident();
    await store.recordRequest(request(id, 'R1'));
    const json = (await redis.hget(keys.of(id).requests, 'R1')) ?? '';
    await redis.hset(keys.of(id).requests, 'R1', json.replace('{', '{"onlyOn":"Sundays",'));

    await expect(store.load(id)).rejects.toMatchObject({
      code: 'newer-document',
      retry: 'backoff',
      message: expect.stringMatching(
        new RegExp(`request of incident ${id}.*does not know onlyOn: update this process`),
      ),
    });
  });

  test('says who wrote a document that it is too old for, and which version it is itself', async () => {
    const { store, id, redis, keys } = await withIncident();
    const document = (await redis.hget(keys.of(id).incident, 'document')) ?? '';
    const newer = document.replace('"schema":2', '"schema":3').replace(/"writtenBy":"[^"]+"/, '"writtenBy":"9.1.0"');
    await redis.hset(keys.of(id).incident, 'document', newer);

    await expect(store.load(id)).rejects.toMatchObject({
      code: 'newer-document',
      retry: 'backoff',
      message: `What is stored of incident ${id} was written by version 9.1.0. This is version ${ownVersion}, which does not know its schema 3: update this process`,
    });
  });

  test('says the same of a name that nobody here knows, such as a cause or an action that a newer version added', async () => {
    const { store, id, redis, keys } = await withIncident();
    const document = (await redis.hget(keys.of(id).incident, 'document')) ?? '';
    await redis.hset(keys.of(id).incident, 'document', document.replace(/"mode":"\w+"/, '"mode":"dream"'));

    const loading = store.load(id);

    await expect(loading).rejects.toMatchObject({
      code: 'newer-document',
      retry: 'backoff',
      message: expect.stringMatching(new RegExp(`incident ${id}.*does not know mode: update this process`)),
    });
  });

  test('calls a document that lacks a field unreadable, whatever else is in it', async () => {
    const { store, id, redis, keys } = await withIncident();
    const document = (await redis.hget(keys.of(id).incident, 'document')) ?? '';
    await redis.hset(keys.of(id).incident, 'document', document.replace('"openedAt"', '"begunAt"'));

    const loading = store.load(id);

    await expect(loading).rejects.toMatchObject({ code: 'bad-document' });
  });

  test('still admits kills into an incident whose document cannot be read', async () => {
    const { store, id, redis, keys, cluster } = await withIncident();
    await redis.hset(keys.of(id).incident, 'document', 'not JSON');

    const admission = await store.admit(kill(cluster, 1), 'act');

    expect(admission).toEqual({ is: 'joined', incident: id });
  });
});

describe('a lease on an incident', () => {
  const usual = { forMs: 60_000, alone: false };

  test('is held by one at a time and can be had again after it was given back', async () => {
    const { store, id } = await withIncident();

    const held = await store.take(id, usual);
    const refused = await store.take(id, usual);
    if (held.is === 'taken') await held.lease.release();
    const next = await store.take(id, usual);

    expect([held.is, refused.is, next.is]).toEqual(['taken', 'held', 'taken']);
  });

  test('runs out, and its former holder cannot give back what is another one’s now', async () => {
    const { store, id, redis, keys } = await withIncident();
    const late = await store.take(id, usual);
    await redis.pexpire(keys.of(id).lease, 0);
    const next = await store.take(id, { ...usual, alone: true });

    if (late.is === 'taken') await late.lease.release();

    expect(next).toMatchObject({ is: 'taken', crashes: 1 });
    expect(await store.take(id, usual)).toEqual({ is: 'held' });
  });
});
