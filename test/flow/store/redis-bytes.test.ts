import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bounds } from '../../../src/adapters/redis/bounds.ts';
import { clusterKeys } from '../../../src/adapters/redis/keys.ts';
import { closeRedis, connectRedis } from '../../../src/adapters/redis/connection.ts';
import type { RedisClient } from '../../../src/adapters/redis/redis-client.ts';
import { createStore } from '../../../src/adapters/redis/store/store.ts';
import type { Loaded } from '../../../src/core/incident/incident.ts';
import { projectRoot } from '../../../scripts/project.mjs';
import { startRedis } from '../../../scripts/redis/redis.mjs';
import type { RunningRedis } from '../../../scripts/redis/redis.mjs';
import { loadDump, readDumpFile } from '../../dumps/dump-file.ts';
import { inDump } from '../../dumps/record-dump.ts';
import { eventually } from '../../eventually.ts';

/*
 * What one incident, and what lies beside the incidents of a cluster, takes of Redis: by MEMORY USAGE, of what the real
 * system has stored of real stories (test/dumps/record-dump.ts), and of the same filled to each bound.
 * OOMKEEPER_TEST_TABLE=1 prints the numbers of docs/sizing.md.
 */

const kibi = 1_024;
/** What docs/sizing.md counts with, bytes. */
const counted = { incident: 48 * kibi, incidentAtMost: 3_072 * kibi, clusterAtMost: 32_768 * kibi };

const keys = clusterKeys(inDump.cluster);
let server: RunningRedis;
let raw: Redis;
let redis: RedisClient;
let stories: readonly Loaded[];

beforeAll(async () => {
  server = await startRedis({ own: true, appendonly: true, log: () => undefined });
  raw = new Redis(server.url);
  redis = connectRedis(server.url, { role: 'store', onError: () => undefined });
  const path = join(projectRoot, 'test/recordings/dumps/0.2.0.ndjson.gz');
  const { at } = await readDumpFile(path);
  await loadDump(raw, await readDumpFile(path, Date.now() - at));
  stories = await createStore({ redis, cluster: inDump.cluster }).open(1_000);
});
afterAll(async () => {
  await closeRedis(redis);
  raw.disconnect();
  await server.stop();
});

test('an incident that was explained, approved and held takes less of Redis than is counted for it', async () => {
  const parts = await Promise.all(held().map(partsOf));

  print('an incident that held', parts);
  print('any incident', await Promise.all(stories.map(partsOf)));
  expect(parts.length).toBeGreaterThan(3);
  for (const one of parts) expect(sum(one)).toBeLessThan(counted.incident);
});

test('thousands of them take no more each, and less on the disk', async () => {
  const names = Object.values(await keysOf(await biggest(held()))).flat();
  const before = await memoryAndDisk();

  await fill(copies, (nth) => Promise.all(names.map((name) => raw.copy(name, `copied:${nth}:${name}`))));

  const after = await memoryAndDisk();
  const each = { memory: (after.memory - before.memory) / copies, disk: (after.disk - before.disk) / copies };
  print(`each of ${copies} that held, in used_memory`, [{ memory: each.memory }]);
  print('each of them in a rewritten append-only file', [{ disk: each.disk }]);
  expect(each.memory).toBeLessThan(counted.incident);
  expect(each.disk).toBeLessThan(each.memory);
});

test('an incident that has everything to its bound takes less than is counted for the worst one', async () => {
  const story = await biggest(stories);
  const of = keys.of(story.incident.id);
  const entry = longest((await raw.xrange(of.timeline, '-', '+')).map(([, fields]) => fields[1] ?? ''));
  const kill = longest(await raw.zrange(of.recent, '0', '-1'));

  // Trimmed by whole nodes of 100 entries.
  for (let nth = await raw.xlen(of.timeline); nth < bounds.entries + 100; nth += 1) {
    await raw.xadd(of.timeline, '*', 'e', entry);
  }
  for (let nth = await raw.zcard(of.recent); nth < bounds.recentKills; nth += 1) {
    await raw.zadd(of.recent, String(nth), `${kill}${' '.repeat(nth)}`);
  }
  await fill(bounds.asked, (nth) => raw.zadd(of.asked, String(nth), `${nth}`.padStart(40, '0')));

  const parts = await partsOf(story);
  print('an incident at its bounds', [parts]);
  expect(sum(parts)).toBeLessThan(counted.incidentAtMost);
});

test('what lies beside the incidents of a cluster takes less than is counted for it, at all its bounds', async () => {
  const line = longest((await raw.xrange(keys.audit, '-', '+')).map(([, fields]) => fields[1] ?? ''));
  const result = longest((await raw.xrange(keys.results, '-', '+')).map(([, fields]) => fields[1] ?? ''));
  const ignored = longest(await raw.hvals(keys.ignored));
  const fingerprint = longest(await raw.zrange(keys.ledger, '0', '-1'));
  const pod = longest(await raw.zrange(keys.killedPods, '0', '-1'));
  const unique = (nth: number): string => `${fingerprint}/${nth}`;
  const list = (count: number): string[] => Array.from({ length: count }, (_, nth) => `${1e12 + nth}:${1e9 + nth}`);
  const containers = Array.from({ length: bounds.sampled }, (_, nth) => `shop/checkout-65c5cfc4d8-vbs99/app-${nth}`);
  const ledgerBefore = await bytesOf(keys.ledger);

  await fill(bounds.auditLines + 100, () => raw.xadd(keys.audit, '*', 'a', line));
  await fill(bounds.results + 100, () => raw.xadd(keys.results, '*', 'r', result));
  await fill(bounds.ignored, (nth) => raw.hset(keys.ignored, unique(nth), ignored));
  // A suspect is a kill that was not admitted yet, and so is a dead one.
  const kill = longest(await raw.zrange(keys.of(stories[0]?.incident.id ?? '').recent, '0', '-1'));
  await fill(bounds.suspects, (nth) => raw.hset(keys.suspects, unique(nth), kill));
  await fill(bounds.deadKills, () => raw.rpush(keys.killsDead, kill));
  await fill(bounds.killedPods, (nth) => raw.zadd(keys.killedPods, String(nth), `${pod}-${nth}`));
  await fill(ledgerMore, (nth) => raw.zadd(keys.ledger, String(nth), unique(nth)));
  await fill(containers.length, async (nth) => {
    await raw.rpush(keys.samples(containers[nth] ?? ''), ...list(bounds.samples));
    await raw.rpush(keys.oldSamples(containers[nth] ?? ''), ...list(bounds.oldSamples));
    await raw.zadd(keys.sampled, String(nth), containers[nth] ?? '');
  });

  const aKill = ((await bytesOf(keys.ledger)) - ledgerBefore) / ledgerMore;
  const samples = containers.flatMap((name) => [keys.samples(name), keys.oldSamples(name)]);
  const parts = {
    audit: await bytesOf(keys.audit),
    results: await bytesOf(keys.results),
    ignored: await bytesOf(keys.ignored),
    suspects: await bytesOf(keys.suspects),
    'dead kills': await bytesOf(keys.killsDead),
    'killed pods': await bytesOf(keys.killedPods),
    samples: await bytesOf(keys.sampled, ...samples),
  };
  print('beside the incidents of a cluster, at its bounds', [parts]);
  print('each container that is sampled', [{ samples: parts.samples / bounds.sampled }]);
  print('each kill, in the ledger for eight days', [{ ledger: aKill }]);
  expect(sum(parts)).toBeLessThan(counted.clusterAtMost);
  expect(aKill).toBeLessThan(kibi);
});

/** So many fingerprints that the set has grown beyond its small form. */
const ledgerMore = 10_000;

const copies = 2_000;

type Parts = Readonly<Record<string, number>>;

function held(): readonly Loaded[] {
  return stories.filter(({ incident }) => incident.remediations.some(({ state }) => state === 'held'));
}

async function biggest(of: readonly Loaded[]): Promise<Loaded> {
  const all = await Promise.all(of.map(async (story) => ({ story, bytes: sum(await partsOf(story)) })));
  const found = all.toSorted((a, b) => b.bytes - a.bytes)[0];
  if (found === undefined) throw new Error('the dump has no such incident');
  return found.story;
}

/** Keys of all that is stored of one incident alone. */
async function keysOf({ incident: { id, subject } }: Loaded): Promise<Readonly<Record<string, readonly string[]>>> {
  const of = keys.of(id);
  return {
    document: [of.incident],
    timeline: [of.timeline],
    kills: [of.recent],
    charts: await raw.keys(keys.chart(`${id}-*`)),
    posting: [of.posting],
    alarm: [of.alarm],
    requests: [of.requests, of.asked],
    subject: [keys.openPointer(subject), keys.limits(subject), keys.silence(subject)],
  };
}

/** Bytes of each of these, and the incident's share of the keys that all have in common. */
async function partsOf(story: Loaded): Promise<Parts> {
  const own = Object.entries(await keysOf(story));
  const bytes = await Promise.all(own.map(async ([part, names]) => [part, await bytesOf(...names)] as const));
  const shared = await bytesOf(keys.open, keys.due, keys.dueBot, keys.dueAlarms);
  return { ...Object.fromEntries(bytes), shared: shared / stories.length };
}

/** Bytes that Redis has allocated, and those of its append-only file once it is written anew. */
async function memoryAndDisk(): Promise<{ readonly memory: number; readonly disk: number }> {
  const number = async (section: string, name: string): Promise<number> =>
    Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(await raw.info(section))?.[1]);
  await raw.bgrewriteaof();
  await eventually(async () => {
    const waits = await Promise.all(
      ['aof_rewrite_scheduled', 'aof_rewrite_in_progress'].map((name) => number('persistence', name)),
    );
    expect(waits).toEqual([0, 0]);
  });
  return { memory: await number('memory', 'used_memory'), disk: await number('persistence', 'aof_base_size') };
}

async function bytesOf(...names: readonly string[]): Promise<number> {
  const sizes = await Promise.all(names.map((name) => raw.memory('USAGE', name, 'SAMPLES', '0')));
  return sizes.reduce<number>((total, one) => total + (one ?? 0), 0);
}

function sum(parts: Parts): number {
  return Object.values(parts).reduce((total, one) => total + one, 0);
}

function longest(all: readonly string[]): string {
  const found = all.toSorted((a, b) => b.length - a.length)[0];
  if (found === undefined) throw new Error('the dump has none of it');
  return found;
}

/** A thousand at a time, so that no answer waits for all. */
async function fill(count: number, one: (nth: number) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < count; from += 1_000) {
    const some = Array.from({ length: Math.min(1_000, count - from) }, (_, nth) => one(from + nth));
    await Promise.all(some);
  }
}

/** Median and most of each part, and of all of them together, KiB. */
function print(what: string, all: readonly Parts[]): void {
  if (process.env['OOMKEEPER_TEST_TABLE'] !== '1') return;
  const rows = Object.keys(all[0] ?? {}).map((name) => [name, all.map((parts) => parts[name] ?? 0)] as const);
  const lines = [...rows, ['together', all.map(sum)] as const].map(([name, sizes]) => {
    const sorted = sizes.toSorted((a, b) => a - b);
    const [median = 0, most = 0] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
    return `  ${name.padEnd(12)} ${(median / kibi).toFixed(2).padStart(9)} ${(most / kibi).toFixed(2).padStart(9)}`;
  });
  process.stdout.write(`${what} (${all.length}), KiB, median and most\n${lines.join('\n')}\n`);
}
