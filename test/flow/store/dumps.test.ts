import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { connectRedis, closeRedis, redisNow } from '../../../src/adapters/redis/connection.ts';
import { runKillWorker } from '../../../src/adapters/redis/queues/kills.ts';
import type { RedisClient } from '../../../src/adapters/redis/redis-client.ts';
import { createPostings } from '../../../src/adapters/redis/slack/postings.ts';
import { createStorms } from '../../../src/adapters/redis/slack/storms.ts';
import { createStore } from '../../../src/adapters/redis/store/store.ts';
import type { Loaded, Remediation } from '../../../src/core/incident/incident.ts';
import { advance } from '../../../src/flow/advance.ts';
import type { Change, Store } from '../../../src/flow/needs.ts';
import { projectRoot } from '../../../scripts/project.mjs';
import { startRedis } from '../../../scripts/redis/redis.mjs';
import type { RunningRedis } from '../../../scripts/redis/redis.mjs';
import { loadDump, readDumpFile } from '../../dumps/dump-file.ts';
import type { Dump } from '../../dumps/dump-file.ts';
import { botOn, workerOn } from '../../dumps/going-on.ts';
import { unreadIn } from '../../dumps/read-dump.ts';
import { inDump } from '../../dumps/record-dump.ts';
import { eventually } from '../../eventually.ts';
import { amira, minute } from '../worker/worker-world.ts';

const folder = join(projectRoot, 'test/recordings/dumps');
const versions = (await readdir(folder)).map((file) => file.replace(/\.ndjson\.gz$/, ''));

let server: RunningRedis;
let raw: Redis;
let redis: RedisClient;
let dump: Dump;
let store: Store;

test('each released version, and this one, has left a dump', async () => {
  const text = await readFile(join(projectRoot, 'package.json'), 'utf8');
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(text));

  expect(versions, `make it: npm run -s dump -- ${version}`).toContain(version);
});

describe.each(versions)('what %s has left in Redis', (version) => {
  beforeAll(async () => {
    server = await startRedis({ own: true, log: () => undefined });
    raw = new Redis(server.url);
    redis = connectRedis(server.url, { role: 'store', onError: () => undefined });
    const { at } = await readDumpFile(join(folder, `${version}.ndjson.gz`));
    // As if it had been left a minute ago.
    dump = await readDumpFile(join(folder, `${version}.ndjson.gz`), Date.now() - minute - at);
    await loadDump(raw, dump);
    store = createStore({ redis, cluster: inDump.cluster });
  });
  afterAll(async () => {
    await closeRedis(redis);
    raw.disconnect();
    await server.stop();
  });

  test('is read, every document of it, and holds no secret', async () => {
    const unread = await unreadIn(redis, dump);

    expect(unread).toEqual([]);
    expect(dump.version).toBe(version);
    expect(JSON.stringify(dump)).not.toMatch(/xox[a-z]-|gh[ps]_|Bearer |password/i);
  });

  test('is read by the store with all that lies around it', async () => {
    const skipped: string[] = [];
    const skip = (name: string): void => void skipped.push(name);

    const open = await store.open(1_000, skip);
    const [audit, results] = [await store.audit(0, 10_000, skip), await store.results(0, skip)];
    const entries = await Promise.all(open.map(({ incident }) => store.entries(incident.id, '0', 1_000)));
    const paused = await createStore({ redis, cluster: inDump.plain }).pause();

    expect(skipped).toEqual([]);
    expect(open.length).toBeGreaterThan(20);
    expect(audit.length).toBeGreaterThan(20);
    expect(results.map(({ outcome }) => outcome)).toEqual(expect.arrayContaining(['held', 'undone']));
    expect(entries.flat().length).toBeGreaterThan(50);
    expect(paused?.reason).toBe('no changes over the holidays');
    expect((await ofWorkload(open, inDump.silenced)).incident.silence).toMatchObject({ reason: 'a load test' });
    expect((await createStorms({ redis }).newest(stormChannel(dump)))?.size).toBeGreaterThan(5);
  });

  test('shows the same roots: none is posted a second time', async () => {
    const postings = createPostings({ redis, cluster: inDump.cluster });
    const open = await store.open(1_000);
    const before = new Map<string, string>();
    for (const { incident } of open) {
      const root = (await postings.read(incident.id))?.root ?? null;
      if (root !== null) before.set(incident.id, root);
    }
    const { show, close, posted, edited } = botOn({ redis, store, channel: stormChannel(dump) });

    for (const id of before.keys()) {
      await store.update(id, (loaded) => acknowledged(loaded));
      await show(id);
    }
    await close();

    expect(before.size).toBeGreaterThan(10);
    const after = new Map<string, string>();
    for (const id of before.keys()) after.set(id, (await postings.read(id))?.root ?? '');
    expect(after).toEqual(before);
    expect(posted.filter((of) => of === 'incident')).toEqual([]);
    expect(new Set(edited)).toEqual(new Set(before.values()));
  });

  test('goes on: what waited for approval is approved, carried out and verified', async () => {
    const waiting = await ofWorkload(await store.open(1_000), inDump.waits);
    const { id } = waiting.incident;
    const asked = requested(waiting);
    const { needs, writes } = workerOn({ redis, store }, asked);
    await store.recordRequest({
      id: 'after-the-update',
      incident: id,
      action: 'approve',
      plan: asked.plan.id,
      by: amira,
      at: await redisNow(redis),
      groups: [],
      value: null,
      silence: null,
    });

    await eventually(async () => {
      await advance(id, needs, true);
      const { state } = await remediationOf(id, asked.plan.id);
      expect(state).toBe('held');
    });

    const told = (await store.entries(id, '0', 1_000)).map(({ entry }) => entry.text).join('\n');
    expect(told).toMatch(/approved/i);
    expect(writes).toEqual([`${asked.plan.id} by resize`]);
  });

  test('loses no kill that was on its way', async () => {
    const queues = connectRedis(server.url, { role: 'worker', onError: () => undefined });
    const admitted: string[] = [];
    const problems: unknown[] = [];
    const worker = runKillWorker({
      redis: queues,
      cluster: inDump.cluster,
      concurrency: 1,
      onError: (failure) => problems.push(failure),
      handle: async (trigger) => {
        if (trigger.kind === 'ahead') return;
        await store.admit(trigger, 'act');
        admitted.push(trigger.subject.workload.name);
      },
    });

    await eventually(() => expect(admitted).toEqual([inDump.queued]));
    await worker.close();
    await closeRedis(queues);

    expect(problems).toEqual([]);
    expect((await ofWorkload(await store.open(1_000), inDump.queued)).tally.count).toBe(1);
  });
});

/** Something that its root has to show. */
function acknowledged({ incident }: Loaded): Change {
  const by = { by: 'UNOOR', at: Date.now() };
  return { incident: { ...incident, acknowledged: by }, entries: [], audit: [], decided: [], dueAt: null };
}

async function ofWorkload(all: readonly Loaded[], name: string): Promise<Loaded> {
  const found = all.find(({ incident }) => incident.subject.workload.name === name);
  if (found === undefined) throw new Error(`there is no incident of ${name}`);
  return found;
}

function requested({ incident }: Loaded): Remediation {
  const found = incident.remediations.find(({ state }) => state === 'requested');
  if (found === undefined) throw new Error(`nothing waits in ${incident.id}`);
  return found;
}

async function remediationOf(id: string, plan: string): Promise<Remediation> {
  const found = (await store.load(id))?.incident.remediations.find((one) => one.plan.id === plan);
  if (found === undefined) throw new Error(`${id} has no ${plan}`);
  return found;
}

function stormChannel({ lines }: Dump): string {
  const key = lines.map((line) => line.key).find((one) => one.includes(':storm-in:'));
  return key?.split(':').at(-1) ?? '';
}
