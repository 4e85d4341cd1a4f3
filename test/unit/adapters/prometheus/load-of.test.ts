import { expect, test } from 'vitest';
import { loadAt, loadsOf, namedLoad, whyUnnamed } from '../../../../src/adapters/prometheus/load-of.ts';
import type { Series } from '../../../../src/adapters/prometheus/query-range.ts';

const packets = 'container_network_receive_packets_total';
const cpu = 'container_cpu_usage_seconds_total';

function counter(name: string, values: readonly number[], labels: Readonly<Record<string, string>> = {}): Series {
  return {
    labels: { __name__: name, pod: 'web-1', id: '/kubepods/a', interface: 'eth0', ...labels },
    points: values.map((v, index) => ({ t: index * 10_000, v })),
  };
}

function ratesOf(...series: readonly Series[]): readonly number[] {
  const points = loadsOf(series)?.of('web-1') ?? [];
  return points.map(({ v }) => v);
}

test('load is the packets a second between two readings', () => {
  expect(ratesOf(counter(packets, [0, 100, 300]))).toEqual([10, 20]);
});

test('what came while a counter was reset is not known', () => {
  expect(ratesOf(counter(packets, [100, 200, 5, 105]))).toEqual([10, 10]);
});

test('of two interfaces the busier one counts, and two servers that scrape one count once', () => {
  const quiet = counter(packets, [0, 1, 2], { interface: 'eth1' });
  const busy = counter(packets, [0, 100, 200]);

  expect(ratesOf(quiet, busy, busy)).toEqual([10, 10]);
});

test('CPU stands in where there is no network, and nothing where neither changes', () => {
  const none = counter(packets, [7, 7, 7]);

  expect(loadsOf([none, counter(cpu, [1, 2, 4])])?.from).toEqual({ words: 'CPU time that it used', isProxy: true });
  expect(loadsOf([none, counter(cpu, [1, 1, 1])])).toBeNull();
});

test('a sample has the load until the next reading, if that is not far', () => {
  const points = [
    { t: 10_000, v: 5 },
    { t: 20_000, v: 7 },
  ];

  expect([9_000, 10_000, 10_001, 20_000, 20_001].map((t) => loadAt(points, t, 15_000))).toEqual([5, 5, 7, 7, null]);
  expect(loadAt(points, 2_000, 5_000)).toBeNull();
});

const byKeda = { promql: 'queue', by: 'keda' } as const;
const gauge = (...values: readonly number[]): Series => counter('queue', values);

test('what KEDA scales it by is a stand-in for load, as long as it changes at all', () => {
  const words = 'the metric that KEDA scales it by';

  expect(namedLoad(byKeda, [gauge(1, 5, 2)])?.from).toEqual({ words, isProxy: true });
  expect(namedLoad(byKeda, [gauge(3, 3, 3)])).toBeNull();
});

test('a load that somebody has named counts where it stays as it is', () => {
  expect(namedLoad({ promql: 'queue', by: 'annotation' }, [gauge(3, 3, 3)])?.from.isProxy).toBe(false);
});

test.each([
  [{ ...byKeda }, [], 'its load by KEDA is 0 series, and has to be one'],
  [{ ...byKeda, by: 'policy' as const }, [gauge(1), gauge(2)], 'its load by the policy is 2 series, and has to be one'],
  [{ ...byKeda, by: 'hpa' as const }, [], null],
  [{ ...byKeda }, [gauge(3, 3)], null],
])('what is no load is said, unless nobody could expect one: %j', (query, series, words) => {
  expect(whyUnnamed(query, series)).toBe(words);
});
