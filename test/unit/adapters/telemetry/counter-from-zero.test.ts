import { expect, test } from 'vitest';
import { createMetrics } from '../../../../src/adapters/telemetry/metrics.ts';

/** What one scrape reads of a counter, by the values of its labels. */
async function scraped(metrics: ReturnType<typeof createMetrics>, name: string): Promise<Record<string, number>> {
  const lines = (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith(`${name}{`));
  return Object.fromEntries(
    lines.map((line) => {
      const labels = [...line.matchAll(/(\w+)="([^"]*)"/g)].filter(([, label]) => label !== 'process');
      return [labels.map(([, , value]) => value).join(' '), Number(line.split(' ').at(-1))];
    }),
  );
}

test('labels that are known to come are 0 from the beginning, and rise at once', async () => {
  const metrics = createMetrics('watcher');

  const before = await scraped(metrics, 'oomkeeper_kills_seen_total');
  metrics.killsSeen.inc({ kind: 'container', suspect: 'false' });
  const after = await scraped(metrics, 'oomkeeper_kills_seen_total');

  expect(before).toMatchObject({ 'container false': 0, 'child-process false': 0, 'container true': 0 });
  expect(after).toMatchObject({ 'container false': 1, 'child-process false': 0 });
});

test('labels that nobody could foresee are 0 in the first scrape, and all of them are counted after it', async () => {
  const metrics = createMetrics('worker');
  const name = 'oomkeeper_jobs_failed_total';

  metrics.jobsFailed.inc({ code: 'some-trouble' });
  metrics.jobsFailed.inc({ code: 'some-trouble' });
  const first = await scraped(metrics, name);
  metrics.jobsFailed.inc({ code: 'some-trouble' });
  const second = await scraped(metrics, name);
  metrics.jobsFailed.inc({ code: 'some-trouble' });
  const third = await scraped(metrics, name);

  expect([first, second, third].map((one) => one['some-trouble'])).toEqual([0, 3, 4]);
});

test.each([
  ['watcher', ['oomkeeper_kills_seen_total', 'oomkeeper_watch_reconnects_total'], ['oomkeeper_alerts_total']],
  ['bot', ['oomkeeper_alerts_total', 'oomkeeper_show_troubles_total'], ['oomkeeper_kills_seen_total']],
  ['all', ['oomkeeper_alerts_total', 'oomkeeper_kills_seen_total', 'oomkeeper_admissions_total'], []],
])('the %s begins what it counts itself, and nothing else', async (process, own, others) => {
  const metrics = createMetrics(process);

  for (const name of own) expect(Object.keys(await scraped(metrics, name)).length).toBeGreaterThan(1);
  for (const name of others) expect(await scraped(metrics, name)).toEqual({});
});
