import { afterEach, expect, test } from 'vitest';
import { createHandClock } from '../../../sandbox/hand-clock.ts';
import type { StoredSeries } from '../../../sandbox/prometheus/evaluate-query.ts';
import { startPrometheus } from '../../../sandbox/prometheus/start-prometheus.ts';
import { probePrometheus } from '../../../src/adapters/prometheus/probe.ts';
import { createUsageNear, readUsagePoint } from '../../../src/adapters/prometheus/usage-near.ts';
import { readUsageNow } from '../../../src/adapters/prometheus/usage-now.ts';
import { pointsOf } from '../../../src/core/evidence/usage-now.ts';
import { forecast, growthIn } from '../../../src/core/forecast/forecast.ts';
import { startAnswering } from './answering-server.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

const now = Date.UTC(2026, 10, 24, 12);
const minute = 60_000;
const Mi = 2 ** 20;
const hex = (digit: string): string => digit.repeat(64);

interface Rows {
  readonly pod?: string;
  readonly namespace?: string;
  readonly from: number;
  readonly to?: number;
  readonly bytes: (ageMs: number) => number | null;
  readonly labels?: Readonly<Record<string, string>>;
  readonly metric?: string;
}

/** Working set rows every 15 s. */
function rows({
  pod = 'web-1',
  namespace = 'shop',
  from,
  to = now,
  bytes,
  labels = {},
  metric = 'container_memory_working_set_bytes',
}: Rows): StoredSeries {
  const points = [];
  for (let t = from; t <= to; t += 15_000) points.push({ t, v: bytes(t - from) });
  return { labels: { __name__: metric, namespace, pod, container: 'app', ...labels }, points };
}

function cgroup(digit: string): Record<string, string> {
  return { id: `/kubepods/burstable/poduid/${hex(digit)}`, name: hex(digit), job: 'kubelet' };
}

async function serve(series: readonly StoredSeries[]): Promise<string> {
  const prometheus = await startPrometheus({ clock: createHandClock(now), source: { series: () => series } });
  closing.push(prometheus.close);
  return prometheus.url;
}

async function read(series: readonly StoredSeries[], namespaces: readonly string[] = []) {
  return readUsageNow(await serve(series), namespaces, { deadlineMs: 60_000, now: () => now });
}

test('a container that was just restarted is not mistaken for the dead one that is still shown', async () => {
  const courses = await read([
    rows({ from: now - 50 * minute, to: now - minute, bytes: () => 500 * Mi, labels: cgroup('a') }),
    rows({ from: now - 45_000, bytes: () => 50 * Mi, labels: cgroup('b') }),
  ]);

  const container = { isRunning: true, containerId: `containerd://${hex('b')}`, startedAt: now - 50_000 };
  expect(courses).toHaveLength(2);
  expect(pointsOf(container, courses).map(({ bytes }) => bytes / Mi)).toEqual([50, 50, 50]);
});

test('what two jobs scrape is counted once', async () => {
  const courses = await read([
    rows({ from: now - 10 * minute, bytes: () => 100 * Mi, labels: { ...cgroup('a'), instance: 'one' } }),
    rows({ from: now - 10 * minute, bytes: () => 100 * Mi, labels: { ...cgroup('a'), instance: 'two', job: 'other' } }),
  ]);

  expect(courses).toHaveLength(1);
  expect(courses[0]?.points.at(-1)).toEqual({ t: now, bytes: 100 * Mi });
});

test('the last hour is enough to tell how long a growing container has', async () => {
  const grows = (ageMs: number): number => (100 + (2 * ageMs) / minute) * Mi;
  const courses = await read([rows({ from: now - 55 * minute, bytes: grows, labels: cgroup('a') })]);

  const points = pointsOf({ isRunning: true, containerId: `containerd://${hex('a')}`, startedAt: null }, courses);
  const watched = { startedAt: now - 55 * minute, limitBytes: 240 * Mi, points, stalls: [] };
  const growth = growthIn(forecast(watched, now, { settledMs: 10 * minute, withinMs: 60 * minute }));

  expect((growth?.bytesPerSecond ?? 0) / Mi).toBeCloseTo(2 / 60, 3);
  expect(((growth?.reachesAt ?? 0) - now) / minute).toBeGreaterThan(13);
  expect(((growth?.reachesAt ?? 0) - now) / minute).toBeLessThan(17);
});

test('a container that takes hours to grow by what can be seen is listed with the time that it has', async () => {
  const grows = (ageMs: number): number => (100 + (0.2 * ageMs) / minute) * Mi;
  const courses = await read([rows({ from: now - 600 * minute, bytes: grows, labels: cgroup('a') })]);

  const points = pointsOf({ isRunning: true, containerId: `containerd://${hex('a')}`, startedAt: null }, courses);
  const watched = { startedAt: now - 600 * minute, limitBytes: 256 * Mi, points, stalls: [] };
  const growth = growthIn(forecast(watched, now, { settledMs: 10 * minute, withinMs: 60 * minute }));

  expect(((growth?.reachesAt ?? 0) - now) / minute).toBeCloseTo(180, 0);
});

test('a young container is looked at closely', async () => {
  const grows = (ageMs: number): number => (20 + (10 * ageMs) / minute) * Mi;
  const courses = await read([rows({ from: now - 3 * minute, bytes: grows, labels: cgroup('a') })]);

  const points = pointsOf({ isRunning: true, containerId: `containerd://${hex('a')}`, startedAt: null }, courses);

  expect(points.length).toBeGreaterThan(6);
});

test('gaps and values that are none leave the rest as it is', async () => {
  const holes = (ageMs: number): number => (ageMs % (2 * minute) === 0 ? Number.NaN : 100 * Mi);
  const courses = await read([rows({ from: now - 10 * minute, bytes: holes, labels: cgroup('a') })]);

  expect(courses.flatMap(({ points }) => points).filter(({ bytes }) => bytes !== 100 * Mi)).toEqual([]);
});

test('only the namespaces that are named are asked for, whatever they are called', async () => {
  const all = [
    rows({ from: now - minute, bytes: () => Mi, namespace: 'shop' }),
    rows({ from: now - minute, bytes: () => Mi, namespace: 'shopping', pod: 'x' }),
    rows({ from: now - minute, bytes: () => Mi, namespace: 'pay', pod: 'y' }),
  ];

  expect((await read(all, ['shop', 'pay'])).map(({ namespace }) => namespace).toSorted()).toEqual(['pay', 'shop']);
  expect(await read(all, ['.*'])).toEqual([]);
  expect(await read(all, ['a"} or vector(1) #'])).toEqual([]);
});

test('one that has usage of containers is usable', async () => {
  const url = await serve([rows({ from: now - minute, bytes: () => Mi })]);

  expect(await probePrometheus(url, { deadlineMs: 60_000, now: () => now })).toEqual({ is: 'usable' });
});

test.each([
  [
    'has no such metric',
    { status: 200, body: '{"status":"success","data":{"resultType":"matrix","result":[]}}' },
    'no-usage',
  ],
  ['is a page', { status: 200, type: 'text/html', body: '<html>Grafana</html>' }, 'not-prometheus'],
  ['answers something else in JSON', { status: 200, body: '{"ok":true}' }, 'not-prometheus'],
  ['knows no such path', { status: 404, body: 'page not found' }, 'refused'],
  ['asks to log in', { status: 302, body: '' }, 'refused'],
  ['wants a password', { status: 401, body: '' }, 'refused'],
  ['never answers', null, 'slow'],
])('one that %s is passed over with the reason', async (_, answer, reason) => {
  const server = await startAnswering(answer);
  closing.push(server.close);

  // Only where nothing is answered does the deadline come, however busy the machine is.
  const deadlineMs = reason === 'slow' ? 300 : 60_000;
  const probed = await probePrometheus(server.url, { deadlineMs, now: () => now });

  expect(probed).toMatchObject({ is: 'unusable', reason });
});

test('one that only says NaN has no usage, and one that is not there is unreachable', async () => {
  const lying = '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"NaN"]]}]}}';
  const server = await startAnswering({ status: 200, body: lying });
  closing.push(server.close);

  const patient = { deadlineMs: 60_000, now: () => now };
  expect(await probePrometheus(server.url, patient)).toMatchObject({ reason: 'no-usage' });
  expect(await probePrometheus('http://127.0.0.1:9', patient)).toMatchObject({ reason: 'unreachable' });
});

test('all containers are looked at with one point each, and those near their limit over the last hour', async () => {
  const url = await serve([
    rows({ from: now - 50 * minute, bytes: (age) => (200 + (4 * age) / minute) * Mi, labels: cgroup('a') }),
    rows({ pod: 'web-2', from: now - 50 * minute, bytes: () => 30 * Mi, labels: cgroup('b') }),
  ]);
  const options = { deadlineMs: 60_000, settledMs: 10 * minute, now: () => now };

  const all = await readUsagePoint(url, [], options);
  const near = await createUsageNear()(url, [{ namespace: 'shop', pod: 'web-1', container: 'app' }], options);

  expect(all.map(({ pod, points }) => [pod, points])).toEqual([
    ['web-1', [{ t: now, bytes: 400 * Mi }]],
    ['web-2', [{ t: now, bytes: 30 * Mi }]],
  ]);
  expect(near.usage.map(({ pod, points }) => [pod, points.length])).toEqual([['web-1', 51]]);
  expect(near.stalls).toEqual([]);
  const [series] = near.usage;
  const watched = { startedAt: now - 51 * minute, limitBytes: 500 * Mi, points: series?.points ?? [], stalls: [] };
  expect(forecast(watched, now, { withinMs: 240 * minute, settledMs: 10 * minute })).toMatchObject({
    is: 'on-course',
    reachesAt: now + 25 * minute,
  });
});

test('the day before the last hour is read too, and again when it has changed', async () => {
  const tooth = (ageMs: number): number => (200 + (250 * (ageMs % (120 * minute))) / (120 * minute)) * Mi;
  const prometheus = await startPrometheus({
    clock: createHandClock(now),
    source: { series: () => [rows({ from: now - 590 * minute, bytes: tooth, labels: cgroup('a') })] },
  });
  closing.push(prometheus.close);
  const readNear = createUsageNear();
  const look = async (at: number) => {
    const container = { namespace: 'shop', pod: 'web-1', container: 'app' };
    return readNear(prometheus.url, [container], { deadlineMs: 60_000, settledMs: 10 * minute, now: () => at });
  };

  const { usage } = await look(now - 2 * minute);
  const again = await look(now - minute);
  const asked = prometheus.requestLog().length;
  await look(now + 9 * minute);

  const run = { isRunning: true, containerId: `containerd://${hex('a')}`, startedAt: now - 590 * minute };
  const points = pointsOf(run, usage);
  expect(now - (points[0]?.t ?? now)).toBeGreaterThan(570 * minute);
  expect(pointsOf(run, again.usage).length).toBeGreaterThan(100);
  expect([asked, prometheus.requestLog().length]).toEqual([5, 8]);
  // It comes down every two hours, and is about to: within the last hour it only grew.
  const watched = { startedAt: run.startedAt, limitBytes: 500 * Mi, points, stalls: [] };
  const pace = { withinMs: 240 * minute, settledMs: 10 * minute };
  const { t: seenAt } = points.at(-1) ?? { t: 0 };
  expect(forecast({ ...watched, points: points.filter(({ t }) => t >= seenAt - 60 * minute) }, seenAt, pace).is).toBe(
    'on-course',
  );
  expect(forecast(watched, seenAt, pace)).toEqual({ is: 'calm', why: 'comes-down' });
});

test('what stood still for want of memory is read as seconds, of the present run', async () => {
  const metric = 'container_pressure_memory_stalled_seconds_total';
  const url = await serve([
    rows({ from: now - 50 * minute, bytes: () => 400 * Mi, labels: cgroup('a') }),
    rows({ metric, from: now - 50 * minute, bytes: (age) => 1 + age / 4_000, labels: cgroup('a') }),
    rows({ metric, from: now - 90 * minute, to: now - 52 * minute, bytes: () => 9_000, labels: cgroup('9') }),
  ]);
  const container = { namespace: 'shop', pod: 'web-1', container: 'app' };

  const near = await createUsageNear()(url, [container], {
    deadlineMs: 60_000,
    settledMs: 10 * minute,
    now: () => now,
  });

  const run = { isRunning: true, containerId: `containerd://${hex('a')}`, startedAt: now - 51 * minute };
  const stalls = pointsOf(run, near.stalls).map(({ t, bytes }) => ({ t, seconds: bytes }));
  const watched = { startedAt: run.startedAt, limitBytes: 500 * Mi, points: pointsOf(run, near.usage), stalls };
  const foretold = forecast(watched, now, { withinMs: 240 * minute, settledMs: 10 * minute });
  if (foretold.is !== 'stalled') throw new Error(`it is ${foretold.is}`);
  expect(foretold.share).toBeCloseTo(0.25, 2);
});

test('many containers are asked about in several queries, each short enough for any proxy', async () => {
  const pods = Array.from({ length: 90 }, (_, n) => `web-${'x'.repeat(40)}-${n}`);
  const prometheus = await startPrometheus({
    clock: createHandClock(now),
    source: { series: () => pods.map((pod) => rows({ pod, from: now - minute, bytes: () => Mi })) },
  });
  closing.push(prometheus.close);
  const containers = pods.map((pod) => ({ namespace: 'shop', pod, container: 'app' }));

  const near = await createUsageNear()(prometheus.url, containers, {
    deadlineMs: 60_000,
    settledMs: 10 * minute,
    now: () => now,
  });

  expect(near.usage).toHaveLength(90);
  expect(prometheus.requestLog()).toHaveLength(9);
});
