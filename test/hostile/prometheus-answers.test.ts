import { expect, test } from 'vitest';
import { readOomCounts } from '../../src/adapters/prometheus/oom-counts.ts';
import { probePrometheus } from '../../src/adapters/prometheus/probe.ts';
import { createPrometheus } from '../../src/adapters/prometheus/prometheus.ts';
import { queryRange, serverOf } from '../../src/adapters/prometheus/query-range.ts';
import { readUsagePoint } from '../../src/adapters/prometheus/usage-near.ts';
import { killAt, minute } from '../fixtures/findings.ts';
import { eventually } from '../eventually.ts';
import { heldBytes } from './held-bytes.ts';
import { pour, startHttp, startRedirecting } from './some-http.ts';

const Mi = 2 ** 20;
const now = Date.UTC(2026, 10, 24, 12);
const range = { from: now - 60 * minute, to: now, stepMs: minute };
const head = '{"status":"success","data":{"resultType":"matrix","result":[';
const tail = ']}}';

function series(pod: string, points = 1, labels = {}): string {
  const values = Array.from({ length: points }, (_, at) => [now / 1000 - (points - at), '1000000']);
  const metric = {
    __name__: 'container_memory_working_set_bytes',
    namespace: 'shop',
    pod,
    container: 'app',
    id: `/kubepods/burstable/pod11111111-2222-3333-4444-555555555555/${'e'.repeat(64)}`,
    ...labels,
  };
  return JSON.stringify({ metric, values });
}

function readAll(url: string) {
  return queryRange(serverOf(url, fetch), 'x', range, AbortSignal.timeout(50_000));
}

test('an answer of 32 MiB is left after 8, nothing of it is held, and it says what it was', async () => {
  const chunk = Buffer.from(`${series('web-1', 60)},`.repeat(600));
  let poured = 0;
  const url = await startHttp((_, response) => {
    void pour(response, { head, chunk, times: Math.ceil((32 * Mi) / chunk.length) }).then((bytes) => (poured = bytes));
  });
  const before = await heldBytes();

  // As words: an error that vitest keeps would keep what its stack saw.
  const said = await readAll(url).then(String, String);

  expect(said).toMatch(/answers with too much: its answer (is larger than 8 MiB|has more than)/);
  await eventually(() => expect(poured).toBeGreaterThan(0));
  expect(poured).toBeLessThan(24 * Mi);
  expect((await heldBytes()) - before).toBeLessThan(16 * Mi);
});

test('while an answer of 7 MiB is read everything else goes on, and it takes little more than what is kept', async () => {
  const one = `${series('web-1', 12, { annotation: 'x'.repeat(400) })},`;
  const chunk = Buffer.from(one.repeat(100));
  const times = Math.floor((7 * Mi) / chunk.length);
  const url = await startHttp((_, response) => void pour(response, { head, chunk, times, tail: `{}${tail}` }));
  const before = await heldBytes();
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);

  const found = await readAll(url).finally(() => clearInterval(timer));

  expect(found).toHaveLength(times * 100 + 1);
  expect(found[0]?.labels).not.toHaveProperty('annotation');
  expect(turns).toBeGreaterThan(20);
  expect((await heldBytes()) - before).toBeLessThan(40 * Mi);
});

test.each([
  ['series without number', '{},', 100_000, 'has more than 20000 series'],
  ['points without number', `{"values":[${'[1,"1"],'.repeat(60)}[1,"1"]]},`, 10_000, 'has more than 250000 points'],
  ['more points than there are steps', `{"values":[${'[1,"1"],'.repeat(61)}[1,"1"]]},`, 1, 'more points than were'],
  ['one series without end', `{"values":[${'[1,"1"],'.repeat(200_000)}`, 1, 'cannot be understood'],
  ['labels that are longer than an answer', `{"metric":{"pod":"${'x'.repeat(2 * Mi)}"}},`, 1, 'more than a megabyte'],
])('%s are refused', async (_, item, times, words) => {
  const isOpen = words === 'cannot be understood';
  const url = await startHttp(
    (__, response) =>
      void pour(response, { head, chunk: Buffer.from(item), times, tail: isOpen ? '' : `{"values":[]}${tail}` }),
  );

  await expect(readAll(url)).rejects.toMatchObject({ message: expect.stringContaining(words) });
});

test.each([301, 302, 303, 307, 308])('a redirect (%i) is not followed, and says where it leads', async (status) => {
  const { url, arrived } = await startRedirecting(status);
  const withPassword = url.replace('http://', 'http://oncall:secret@');
  const query = { namespace: 'shop', pod: 'web-1', container: 'app', pods: [], kills: [], from: now - minute, to: now };

  const usage = await createPrometheus({ url: withPassword, deadlineMs: 50_000 }).usage(query);
  const probed = await probePrometheus(withPassword, { deadlineMs: 50_000 });

  const words = /it redirects to http:\/\/127\.0\.0\.1:\d+ \(30\d\), which is not followed/;
  expect(usage).toMatchObject({ found: false, reason: expect.stringMatching(words) });
  expect(probed).toMatchObject({ is: 'unusable', reason: 'refused', text: expect.stringMatching(words) });
  expect(arrived).toEqual([]);
});

test('a history that is too large is asked for again with less of it, and the evidence says so', async () => {
  const asked: string[] = [];
  const url = await startHttp((request, response) => {
    const parameters = new URL(request.url ?? '', 'http://localhost').searchParams;
    const query = parameters.get('query') ?? '';
    asked.push(query);
    if (query.includes('web-2')) return void pour(response, { head, chunk: Buffer.alloc(Mi, ' '), times: 9 });
    const points = Number(parameters.get('step')) > 50 ? 20 : 900;
    response.end(head + series('web-1', points) + tail);
  });
  const kills = [killAt(now - minute, 10 * minute, { pod: 'web-1' })];
  const query = { namespace: 'shop', pod: 'web-1', container: 'app', pods: ['web-2'], kills, from: now - 60 * minute };

  const usage = await createPrometheus({ url, deadlineMs: 50_000, now: () => now }).usage({ ...query, to: now });

  expect(usage.source).toContain('; only web-1 and the killed pods, because the answer');
  expect(usage.source).not.toContain('web-2');
  expect(asked.length).toBeGreaterThan(1);
});

test('a history that is always too large is missing, with that as its reason', async () => {
  const url = await startHttp((_, response) => void pour(response, { head, chunk: Buffer.alloc(Mi, ' '), times: 9 }));
  const query = { namespace: 'shop', pod: 'web-1', container: 'app', pods: [], kills: [], from: now - minute, to: now };

  expect(await createPrometheus({ url, deadlineMs: 50_000 }).usage(query)).toMatchObject({
    found: false,
    reason: expect.stringMatching(/larger than 8 MiB, even for the killed pods alone and for a part of the time$/),
    source: expect.stringContaining('and only lately, because the answer'),
  });
});

test('a whole cluster that does not fit into one answer is asked for in shares, each pod in one of them', async () => {
  const pods = Array.from({ length: 36 }, (_, at) => `web-${at.toString(36)}`);
  const url = await startHttp((request, response) => {
    const query = new URL(request.url ?? '', 'http://localhost').searchParams.get('query') ?? '';
    const share = /pod=~"(\.\*\[[^\]]+\])"/.exec(query)?.[1];
    if (share === undefined) return void pour(response, { head, chunk: Buffer.alloc(Mi, ' '), times: 9 });
    const own = pods.filter((pod) => new RegExp(`^${share}$`).test(pod));
    response.end(head + own.map((pod) => series(pod)).join(',') + tail);
  });

  const points = await readUsagePoint(url, [], { deadlineMs: 50_000, now: () => now });
  const counts = await readOomCounts(url, { namespaces: [], at: now, zeros: true, deadlineMs: 50_000 });

  expect(points.map(({ pod }) => pod).toSorted()).toEqual(pods.toSorted());
  expect(counts.map(({ pod }) => pod).toSorted()).toEqual(pods.toSorted());
});

test('of a pod that was killed thousands of times the last part of the time is read, without comparing all runs', async () => {
  const week = 7 * 24 * 60 * minute;
  const runs = Array.from({ length: 2_500 }, (_, at) => ({ at, name: at.toString(16).padStart(64, '0') }));
  const url = await startHttp((request, response) => {
    const parameters = new URL(request.url ?? '', 'http://localhost').searchParams;
    const backMs = Number(/\[(\d+)ms\]$/.exec(parameters.get('query') ?? '')?.[1] ?? 0);
    const from = Number(parameters.get('start') ?? parameters.get('time')) * 1_000 - backMs;
    const lately = runs.filter(({ at }) => now - at * (week / runs.length) >= from);
    const metrics = ['container_memory_working_set_bytes', 'container_memory_rss', 'a', 'b', 'c'];
    const rows = lately.flatMap(({ at, name }) =>
      metrics.map((metric) => {
        const values = [[(now - at * (week / runs.length)) / 1_000, '1000']];
        return JSON.stringify({ metric: { __name__: metric, namespace: 'shop', pod: 'web-1', name }, values });
      }),
    );
    response.end(`${head}${rows.join(',')}${tail}`);
  });
  const query = { namespace: 'shop', pod: 'web-1', container: 'app', pods: [], kills: [], from: now - week, to: now };

  const usage = await createPrometheus({ url, deadlineMs: 50_000, now: () => now }).usage(query);

  expect(usage).toMatchObject({ found: true, source: expect.stringContaining('and only lately') });
  expect(usage.found ? usage.value.runs.length : 0).toBeGreaterThan(200);
});
