import { afterEach, expect, test } from 'vitest';
import { createPrometheus } from '../../../src/adapters/prometheus/prometheus.ts';
import { cleanSamples } from '../../../src/core/evidence/clean-samples.ts';
import type { Evidence, UsageHistory } from '../../../src/core/evidence/evidence.ts';
import { killAt, Mi, minute } from '../../fixtures/findings.ts';
import { startAnswering } from './answering-server.ts';

/*
 * A Prometheus that answers, and whose answers are not to be believed: what is no size is left out, what is left is
 * the evidence, and nothing of it makes a run that was not there.
 */
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

const now = Date.UTC(2026, 10, 24, 12);
const pod = 'checkout-bbbbbbb-11111';
const name = 'c'.repeat(64);

type Row = readonly [t: number, value: string];

function series(metric: string, rows: readonly Row[], labels: Readonly<Record<string, string>> = {}) {
  return {
    metric: { __name__: metric, namespace: 'shop', pod, container: 'app', id: `/kubepods/${name}`, name, ...labels },
    values: rows.map(([t, value]) => [t / 1000, value]),
  };
}

async function ask(...result: readonly ReturnType<typeof series>[]): Promise<Evidence<UsageHistory>> {
  const body = JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } });
  const server = await startAnswering({ status: 200, body });
  closing.push(server.close);
  const kills = [killAt(now - 10 * minute, 31 * minute, { pod, containerId: `containerd://${name}` })];
  const query = { namespace: 'shop', pod, container: 'app', pods: [pod], from: now - 60 * minute, to: now, kills };
  return createPrometheus({ url: server.url, deadlineMs: 60_000, now: () => now }).usage(query);
}

function cleaned(
  evidence: Evidence<UsageHistory>,
): readonly { readonly t: number; readonly workingSetBytes: number }[] {
  if (!evidence.found) throw new Error(evidence.reason);
  return evidence.value.runs.flatMap((run) => cleanSamples(run));
}

/** Every minute of the half hour before the kill. */
const rising: readonly Row[] = Array.from({ length: 30 }, (_, at) => [
  now - (40 - at) * minute,
  String((100 + at) * Mi),
]);
const workingSet = 'container_memory_working_set_bytes';

test.each([
  [
    'values that are no numbers',
    rising.map(([t, value], at): Row => [t, ['NaN', '+Inf', '-Inf', ''][at % 8] ?? value]),
  ],
  ['nothing and less than nothing', rising.map(([t, value], at): Row => [t, ['0', '-5'][at % 4] ?? value])],
  ['a gap of ten minutes', rising.filter((_, at) => at < 10 || at >= 20)],
  ['each moment twice', rising.flatMap((row): readonly Row[] => [row, row])],
  ['points in any order', rising.toSorted(([, a], [, b]) => (a < b ? 1 : -1))],
])('%s leave only true samples, in the order of time', async (_, rows) => {
  const samples = cleaned(await ask(series(workingSet, rows)));
  const truth = new Map(rising.map(([t, value]) => [t, Number(value)]));

  expect(samples.length).toBeGreaterThan(10);
  expect(samples.filter(({ t, workingSetBytes }) => truth.get(t) !== workingSetBytes)).toEqual([]);
  expect(samples.map(({ t }) => t)).toEqual([...new Set(samples.map(({ t }) => t))].toSorted((a, b) => a - b));
});

test('doubled series are not added up, nor do they make two runs', async () => {
  const evidence = await ask(
    series(workingSet, rising, { job: 'kubelet' }),
    series(workingSet, rising.slice(0, 20), { job: 'cadvisor' }),
    series(workingSet, rising, { job: 'kubelet', instance: 'again' }),
  );

  expect(evidence).toMatchObject({ found: true, value: { runs: [{ pod }] } });
  expect(Math.max(...cleaned(evidence).map(({ workingSetBytes }) => workingSetBytes))).toBe(129 * Mi);
});

test('a limit of 0 does not overrule the one that the kill names', async () => {
  const evidence = await ask(
    series(workingSet, rising),
    series(
      'container_spec_memory_limit_bytes',
      rising.map(([t]): Row => [t, '0']),
    ),
  );

  if (!evidence.found) throw new Error(evidence.reason);
  expect(evidence.value.runs[0]?.limitBytes).toBe(256 * Mi);
});

test('series without a single true value are no evidence', async () => {
  expect(
    await ask(
      series(
        workingSet,
        rising.map(([t]): Row => [t, 'NaN']),
      ),
    ),
  ).toMatchObject({
    found: false,
    reason: expect.stringContaining('has no container_memory_working_set_bytes of shop/'),
  });
});

test('samples outside of the time that was asked about are no samples', async () => {
  const before = rising.map(([t, value]): Row => [t - 300 * minute, value]);
  const after = rising.map(([t, value]): Row => [t + 300 * minute, value]);

  const samples = cleaned(await ask(series(workingSet, [...before, ...rising, ...after])));

  expect(samples.every(({ t }) => t > now - 100 * minute && t <= now)).toBe(true);
});
