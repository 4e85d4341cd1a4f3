import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatted } from '../../../../scripts/formatted.ts';
import { projectRoot } from '../../../../scripts/project.mjs';
import { metricTable } from '../../../../src/adapters/telemetry/metric-table.ts';
import { createMetrics } from '../../../../src/adapters/telemetry/metrics.ts';
import { foreignMetrics, metricsIn, readAlerts, readDashboard } from '../../../monitoring.ts';
import { metricsPage } from './metrics-page.ts';

test('docs/metrics.md lists every metric with its labels and who asks for it; with -u it is written anew', async () => {
  const path = join(projectRoot, 'docs/metrics.md');
  const page = metricsPage({ alerts: await readAlerts(), dashboard: await readDashboard() });

  await expect(await formatted(path, page)).toMatchFileSnapshot(path);
});

test('the table has the metrics that a process serves, each with its type and labels', async () => {
  const served = await createMetrics('all').registry.getMetricsAsJSON();
  const own = served.filter(({ name }) => name.startsWith('oomkeeper_'));

  const described = Object.values(metricTable);

  expect(own.map(({ name, type, help }) => ({ name, type: String(type), help }))).toEqual(
    described.map(({ name, type, help }) => ({ name, type, help })),
  );
});

test('every metric that an alert or a panel asks for is on the page', async () => {
  const [alerts, dashboard] = [await readAlerts(), await readDashboard()];
  const page = metricsPage({ alerts, dashboard });
  const exprs = [
    ...alerts.flatMap(({ rules }) => rules.map(({ expr }) => expr)),
    ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  ];
  const asked = new Set(exprs.flatMap(metricsIn));

  expect(asked.size).toBeGreaterThan(10);
  for (const name of asked) expect(page).toContain(`| \`${name.replace(/_(?:bucket|sum|count)$/, '')}\` |`);
  expect(Object.keys(foreignMetrics).filter((name) => !asked.has(name))).toEqual([]);
});

test('a metric that no alert and no panel asks for says so, with a question to ask by hand', () => {
  const rule = {
    alert: 'Dropped',
    expr: 'increase(oomkeeper_watch_lines_dropped_total[5m]) > 0',
    labels: { severity: 'warning' as const },
    annotations: { summary: '', description: '', runbook_url: '' },
  };
  const dashboard = { uid: '', title: '', schemaVersion: 1, templating: { list: [] }, panels: [] };

  const page = metricsPage({ alerts: [{ name: 'one', rules: [rule] }], dashboard });

  expect(page).toMatch(/`oomkeeper_watch_lines_dropped_total` .* \| alert \[Dropped\]\(runbooks\.md#dropped\) \|/);
  expect(page).toMatch(/`oomkeeper_dead_letters` .* no alert and no panel; by hand: `max \(oomkeeper_dead_letters\)`/);
  expect(page).toContain('`sum by (kind, suspect) (increase(oomkeeper_kills_seen_total[1h]))`');
});
