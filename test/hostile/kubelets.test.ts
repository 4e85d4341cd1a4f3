import { expect, test } from 'vitest';
import { createCountFinder, readKubeletCounts } from '../../src/adapters/kubernetes/read/kubelet-counts.ts';
import { createLineFinder } from '../../src/adapters/kubernetes/read/find-lines.ts';
import { eventually } from '../eventually.ts';
import { heldBytes } from './held-bytes.ts';
import { pour, startHttp, startRedirecting, transportTo } from './some-http.ts';

const Mi = 2 ** 20;
const options = { namespaces: [], deadlineMs: 50_000, now: 5 };
const row = (pod: string, value: number): string =>
  `container_oom_events_total{container="application",id="/kubepods/burstable/pod11111111-2222-3333-4444-555555555555/${'e'.repeat(64)}",name="${'e'.repeat(64)}",namespace="a-namespace-of-some-team",pod="${pod}"} ${value} 1795500610000\n`;
const other = `container_memory_rss{container="application",id="/kubepods/x",namespace="shop",pod="web"} 1\n`;
const nodes = (count: number): string =>
  JSON.stringify({
    items: Array.from({ length: count }, () => ({
      status: { addresses: [{ type: 'InternalIP', address: '10.0.0.1' }] },
    })),
  });

test('of the large answers of many kubelets nothing is held but the counters', async () => {
  const mebibyte = Buffer.from(other.repeat(Math.ceil(Mi / other.length)));
  let asked = 0;
  const url = await startHttp((request, response) => {
    if (request.url?.startsWith('/api/v1/nodes')) return void response.end(nodes(30));
    asked += 1;
    void pour(response, {
      chunk: mebibyte,
      times: 4,
      head: row(`web-${asked}-of-a-deployment`, 1),
      tail: row('last', 2),
    });
  });
  const transport = await transportTo(url);
  const before = await heldBytes();

  const { counts, problems } = await readKubeletCounts(transport, options);

  expect(problems).toEqual([]);
  expect(counts).toHaveLength(60);
  // The texts have 120 MiB, and 60 counters less than a kilobyte each. The rest are buffers of connections.
  expect((await heldBytes()) - before).toBeLessThan(24 * Mi);
});

test('a kubelet that never stops is left after 64 MiB, one with endless counters after a thousand, and both are named', async () => {
  const line = Buffer.from('a'.repeat(Mi));
  const counters = Buffer.from(row('web', 1).repeat(3_000));
  let asked = 0;
  let poured = 0;
  const url = await startHttp((request, response) => {
    if (request.url?.startsWith('/api/v1/nodes')) return void response.end(nodes(2));
    asked += 1;
    if (asked === 2) return void response.end(counters);
    void pour(response, { chunk: line, times: 500 }).then((bytes) => (poured = bytes));
  });
  const before = await heldBytes();

  const { counts, problems } = await readKubeletCounts(await transportTo(url), options);

  expect(counts).toEqual([]);
  expect(problems.toSorted((a, b) => b.length - a.length)).toEqual([
    expect.stringContaining('more than 1000 counters above 0'),
    expect.stringContaining('longer than 64 MiB'),
  ]);
  expect((await heldBytes()) - before).toBeLessThan(24 * Mi);
  await eventually(() => expect(poured).toBeGreaterThan(0));
  expect(poured).toBeLessThan(100 * Mi);
});

test('a kubelet that redirects is not followed, and our token goes nowhere', async () => {
  const { url, arrived } = await startRedirecting();
  const api = await startHttp((_, response) => response.end(nodes(1)));
  const transport = { ...(await transportTo(api)), at: () => transportTo(url) };

  const { problems } = await readKubeletCounts(transport, options);

  expect(problems).toEqual([expect.stringContaining('redirects, which is not followed')]);
  expect(arrived).toEqual([]);
});

test('labels that never end or make no sense take time in proportion to their length', () => {
  const countsIn = (text: string) => {
    const found: unknown[] = [];
    const finder = createCountFinder(5, (count) => found.push(count));
    finder.push(Buffer.from(text));
    finder.end();
    return found;
  };
  const line = (length: number): string => `container_oom_events_total{${'a'.repeat(length)}} 1\n`;

  expect(countsIn(line(16_000).repeat(200))).toEqual([]);
  expect(countsIn(`container_oom_events_total{${'a="\\'.repeat(4_000)}} 1\n`.repeat(200))).toEqual([]);
  expect(countsIn(row('p'.repeat(254), 1) + row('p'.repeat(253), 1))).toHaveLength(1);
});

test('lines are found however the text is cut, and a line that is too long hides no other', () => {
  const text = `want 1\nother\nwant 2\n${'want '.repeat(4_000)}\nwant 3\nnot want\n\nwant 4`;
  for (const size of [1, 7, 60_000]) {
    const found: string[] = [];
    const lines = createLineFinder('want', (line) => found.push(line));
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += size) lines.push(bytes.subarray(at, at + size));
    lines.end();

    expect(found).toEqual(['want 1', 'want 2', 'want 3', 'want 4']);
  }
});
