import { readFile, writeFile } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Redis } from 'ioredis';
import { z } from 'zod';

/*
 * What a version of Oomkeeper leaves in Redis, as JSON lines: first about the dump itself, then one a key. Leases are
 * left out, because their holders are gone, and so is what BullMQ keeps for whoever listens to its events.
 */

const aboutSchema = z.strictObject({
  /** The version that wrote it. */
  version: z.string(),
  /** When it was read, ms UTC: everything in it happened before. */
  at: z.number(),
});

const contentSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('string'), value: z.string() }),
  z.strictObject({ type: z.literal('hash'), value: z.record(z.string(), z.string()) }),
  z.strictObject({ type: z.literal('list'), value: z.array(z.string()) }),
  z.strictObject({ type: z.literal('set'), value: z.array(z.string()) }),
  z.strictObject({ type: z.literal('zset'), value: z.array(z.tuple([z.string(), z.string()])) }),
  z.strictObject({ type: z.literal('stream'), value: z.array(z.tuple([z.string(), z.array(z.string())])) }),
]);

const lineSchema = z.intersection(
  z.looseObject({
    key: z.string(),
    /** ms that it was still kept for; null for ever. */
    leftMs: z.number().nullable(),
  }),
  contentSchema,
);
type Line = z.infer<typeof lineSchema>;

export interface Dump {
  readonly version: string;
  readonly at: number;
  readonly lines: readonly Line[];
}

const leftOut = /:(?:lease|alarm-lease|home-lease|sender|events)(?::|$)/;

/** Everything in Redis below one of these prefixes, in the order of the keys. */
export async function readDump(redis: Redis, version: string, prefixes: readonly string[]): Promise<Dump> {
  const keys = (await redis.keys('*')).filter(
    (key) => prefixes.some((prefix) => key.startsWith(prefix)) && !leftOut.test(key),
  );
  const lines: Line[] = [];
  for (const key of keys.toSorted()) {
    const leftMs = await redis.pttl(key);
    lines.push({ key, leftMs: leftMs < 0 ? null : leftMs, ...(await contentOf(redis, key)) });
  }
  return { version, at: Date.now(), lines };
}

async function contentOf(redis: Redis, key: string): Promise<z.infer<typeof contentSchema>> {
  const type = await redis.type(key);
  switch (type) {
    case 'string':
      return { type, value: (await redis.get(key)) ?? '' };
    case 'hash':
      return { type, value: await redis.hgetall(key) };
    case 'list':
      return { type, value: await redis.lrange(key, 0, -1) };
    case 'set':
      return { type, value: await redis.smembers(key) };
    case 'zset': {
      const flat = await redis.zrange(key, '0', '-1', 'WITHSCORES');
      return { type, value: flat.flatMap((member, at) => (at % 2 === 0 ? [[member, flat[at + 1] ?? '0']] : [])) };
    }
    case 'stream':
      return { type, value: await redis.xrange(key, '-', '+') };
    default:
      throw new Error(`${key} is of an unknown type ${type}`);
  }
}

export async function writeDumpFile(path: string, { lines, ...about }: Dump): Promise<void> {
  const text = [about, ...lines].map((line) => `${JSON.stringify(line)}\n`).join('');
  await writeFile(path, gzipSync(text, { level: 9 }));
}

/** `shiftMs`: everything in it happened so much later than it did. */
export async function readDumpFile(path: string, shiftMs = 0): Promise<Dump> {
  const text = gunzipSync(await readFile(path)).toString('utf8');
  const [about = '', ...lines] = text.trimEnd().split('\n');
  const { version, at } = aboutSchema.parse(JSON.parse(about));
  return { version, at, lines: lines.map((line) => lineSchema.parse(JSON.parse(later(line, at, shiftMs)))) };
}

const weekMs = 7 * 86_400_000;

/** Moves the times of the weeks around the dump, however they are written, and leaves all other numbers alone. */
function later(line: string, dumpedAt: number, shiftMs: number): string {
  const isAround = (ms: number): boolean => Math.abs(ms - dumpedAt) < 5 * weekMs;
  return line
    .replaceAll(/(?<![\d.])\d{13}(?!\d)/g, (ms) => (isAround(Number(ms)) ? String(Number(ms) + shiftMs) : ms))
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (text) => {
      const ms = Date.parse(text);
      if (!isAround(ms)) return text;
      const moved = new Date(ms + shiftMs).toISOString();
      return text.includes('.') ? moved : `${moved.slice(0, 19)}Z`;
    });
}

/** Puts a dump into an empty Redis. */
export async function loadDump(redis: Redis, { lines }: Dump): Promise<void> {
  for (const { key, leftMs, ...content } of lines) {
    await put(redis, key, content);
    if (leftMs !== null) await redis.pexpire(key, leftMs);
  }
}

async function put(redis: Redis, key: string, { type, value }: z.infer<typeof contentSchema>): Promise<void> {
  switch (type) {
    case 'string':
      await redis.set(key, value);
      return;
    case 'hash':
      await redis.hset(key, value);
      return;
    case 'list':
      await redis.rpush(key, ...value);
      return;
    case 'set':
      await redis.sadd(key, ...value);
      return;
    case 'zset':
      for (const [member, score] of value) await redis.zadd(key, score, member);
      return;
    case 'stream':
      for (const [id, fields] of value) await redis.xadd(key, id, ...fields);
  }
}
