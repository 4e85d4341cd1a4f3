import { array, assert, constantFrom, dictionary, integer, jsonValue, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { createJsonItems } from '../../src/core/json-items.ts';
import { ownCopy } from '../../src/core/own-copy.ts';
import { createListScreen } from '../../src/core/kill/screen/list-screen.ts';
import { cut } from '../../src/core/units/text-bounds.ts';
import { createTurns } from '../../src/core/turns.ts';
import { keepPages, listPages } from '../../src/adapters/kubernetes/transport/list-pages.ts';
import { readMetrics } from '../../src/adapters/kubernetes/read/metrics-api.ts';
import { heldBytes } from './held-bytes.ts';
import { pour, startHttp, startRedirecting, transportTo } from './some-http.ts';

const Mi = 2 ** 20;

/** What is read of a text that arrives in pieces of this size. */
function readIn(text: string, size: number, within = '{[') {
  const found: unknown[] = [];
  const items = createJsonItems({ within, mostItemBytes: Mi, take: (item) => found.push(item) });
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) items.push(bytes.subarray(at, at + size));
  return { found, end: items.end() };
}

test('a list that is read item by item is the list that JSON.parse reads, however it is cut', () => {
  assert(
    property(
      array(dictionary(string({ unit: 'binary' }), jsonValue({ maxDepth: 3 }))),
      dictionary(string(), string({ unit: 'binary' })),
      constantFrom(undefined, 2),
      integer({ min: 1, max: 50 }),
      (items, about, indent, size) => {
        const text = JSON.stringify({ metadata: about, items }, null, indent);

        const { found, end } = readIn(text, size);

        expect(found).toEqual(JSON.parse(JSON.stringify(items)));
        expect(end?.rest).toEqual({ metadata: about, items: items.map(() => 0) });
      },
    ),
    { seed: 15, numRuns: 200 },
  );
});

test.each([
  ['half of it', '{"items":[{"a":1},{"b'],
  ['a list without its end', '{"items":[{"a":1}'],
  ['no JSON', '<html>{"items":[{"a":1}]}</html>'],
  ['an item that is none', '{"items":[{"a":1},{b}]}'],
  ['nothing', ''],
])('%s is no list', (_, text) => {
  expect(readIn(text, 5).end).toBeNull();
});

test('an item that is too long is counted and left out, and the others are read', () => {
  const text = JSON.stringify({ items: [{ a: 1 }, { a: 'x'.repeat(2 * Mi) }, { a: 3 }] });

  const { found, end } = readIn(text, 64 * 1024);

  expect(found).toEqual([{ a: 1 }, { a: 3 }]);
  expect(end).toMatchObject({ items: 3, tooLong: 1 });
});

test('a copy of a part of a long text does not hold the text', async () => {
  const before = await heldBytes();
  const long = (at: number): string => `${at} ${'x'.repeat(2 * Mi)}`;
  const kept = Array.from({ length: 8 }, (_, at) => [ownCopy(long(at).slice(0, 40)), cut(long(at), 40)]).flat();

  expect((await heldBytes()) - before).toBeLessThan(4 * Mi);
  expect(kept.every((one) => one.length === 40)).toBe(true);
});

/** Services of so many bytes each, in pages as an API server makes them. */
async function startList(count: number, bytesOf: (index: number) => number) {
  const limits: number[] = [];
  const url = await startHttp((request, response) => {
    const query = new URL(request.url ?? '', 'http://localhost').searchParams;
    const from = Number(query.get('continue') ?? 0);
    const limit = Number(query.get('limit'));
    limits.push(limit);
    const to = Math.min(count, from + limit);
    const items = Array.from({ length: to - from }, (_, at) => ({
      metadata: { name: `n${from + at}`, annotations: { fat: 'x'.repeat(bytesOf(from + at)) } },
    }));
    response.end(JSON.stringify({ metadata: to < count ? { continue: String(to) } : {}, items }));
  });
  return { transport: await transportTo(url), limits };
}

test('objects that are made as large as they can be make pages small, and nobody is missing', async () => {
  const { transport, limits } = await startList(1_200, (index) => (index >= 100 && index < 112 ? Mi : 10));
  const names: string[] = [];

  const missing = await listPages(transport, { path: '/list', endsAt: Date.now() + 50_000 }, ({ metadata }) =>
    names.push(JSON.stringify(metadata).slice(0, 20)),
  );

  expect(missing).toBeNull();
  expect(names).toHaveLength(1_200);
  expect(limits[0]).toBe(500);
  expect(limits.at(-1)).toBeGreaterThan(100);
});

test('no more is held of a list than its bound, however much of it is wanted', async () => {
  const { transport } = await startList(40, () => Mi / 2);

  await expect(
    keepPages(transport, { path: '/list', endsAt: Date.now() + 50_000 }, (object) => object),
  ).rejects.toMatchObject({ code: 'cluster-list-cut', message: expect.stringContaining('16 MiB') });
});

test('the usage of all pods in one long answer is read pod by pod', async () => {
  const pod = (name: string): string =>
    JSON.stringify({
      metadata: { name, namespace: 'shop', annotations: { fat: 'x'.repeat(1_000) } },
      timestamp: '2026-11-24T11:59:45Z',
      containers: [{ name: 'app', usage: { memory: '48Mi' } }],
    });
  const chunk = Buffer.from(`${pod('web')},`.repeat(400));
  const url = await startHttp((_, response) => {
    void pour(response, { head: '{"kind":"PodMetricsList","items":[', chunk, times: 25, tail: `${pod('last')}]}` });
  });
  const before = await heldBytes();

  const found = await readMetrics(await transportTo(url), [], 50_000);

  expect(found).toHaveLength(10_001);
  expect((await heldBytes()) - before).toBeLessThan(16 * Mi);
});

test('a page of pods that a proxy has encoded again is not held, however long it is', async () => {
  const screen = createListScreen();
  const pod = `{"spec": {"note": "${'x'.repeat(64 * 1024)}"}, "metadata": {"name": "web"}}`;
  const chunk = Buffer.from(`${pod}, `.repeat(16));
  const before = await heldBytes();

  screen.push(Buffer.from('{"metadata": {"resourceVersion": "7"}, "items": ['));
  const lines = Array.from({ length: 24 }, () => screen.push(chunk).length);
  const held = (await heldBytes()) - before;
  screen.push(Buffer.from(`${pod}]}`));

  expect(lines.reduce((sum, count) => sum + count)).toBe(24 * 16);
  expect(held).toBeLessThan(4 * Mi);
  expect(screen.end()).toMatchObject({ is: 'whole', resourceVersion: '7' });
});

test('an API server that redirects is not followed, and it says so', async () => {
  const { url, arrived } = await startRedirecting(307);
  const transport = await transportTo(url);

  await expect(transport.json({ path: '/api/v1/pods' })).rejects.toMatchObject({
    code: 'cluster-redirect',
    message: expect.stringMatching(/redirects \/api\/v1\/pods to http:\/\/127\.0\.0\.1:\d+, which is not followed/),
  });
  expect(arrived).toEqual([]);
});

test('long answers take turns, and whoever gives up leaves the row', async () => {
  const turns = createTurns(1);
  const signal = new AbortController().signal;
  const first = await turns.take(signal);
  const impatient = new AbortController();
  const second = turns.take(impatient.signal);
  const third = turns.take(signal);

  impatient.abort(new Error('too late'));
  first();
  first();

  await expect(second).rejects.toThrow('too late');
  (await third)();
  (await turns.take(signal))();
});
