import { expect, test } from 'vitest';
import { createMetrics } from '../../../../src/adapters/telemetry/metrics.ts';

async function own() {
  const all = await createMetrics('worker').registry.getMetricsAsJSON();
  return all.filter(({ name }) => name.startsWith('oomkeeper_'));
}

test("every metric of ours has a valid name, in base units, and ends as Prometheus' conventions say", async () => {
  const metrics = await own();

  expect(metrics.length).toBeGreaterThan(5);
  for (const { name, type } of metrics) {
    expect(name).toMatch(/^oomkeeper_[a-z][a-z_]*[a-z]$/);
    expect(name).not.toMatch(/milli|_ms|minutes|_mb|_kb/);
    expect([name, name.endsWith('_total')]).toEqual([name, String(type) === 'counter']);
  }
});

test('every metric says what it is, each in its own words', async () => {
  const helps = (await own()).map(({ help }) => help);

  expect(new Set(helps).size).toBe(helps.length);
  expect(helps.filter((help) => help.length <= 10)).toEqual([]);
});

test('the text says which process it is of', async () => {
  const metrics = createMetrics('bot');
  metrics.hintsLost.inc({ queue: 'show' });

  expect(await metrics.registry.metrics()).toContain('oomkeeper_hints_lost_total{queue="show",process="bot"} 1');
});

test('two processes in one do not share numbers', async () => {
  const [one, other] = [createMetrics('bot'), createMetrics('worker')];
  one.killsSeen.inc({ kind: 'container', suspect: 'false' });

  expect(await other.registry.metrics()).not.toContain('oomkeeper_kills_seen_total{');
});
