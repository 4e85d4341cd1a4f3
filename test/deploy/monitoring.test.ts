import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { capture } from '../../scripts/child.mjs';
import { createMetrics } from '../../src/adapters/telemetry/metrics.ts';
import { foreignMetrics, metricsIn, readAlerts, readDashboard } from '../monitoring.ts';
import type { AlertGroups, Dashboard } from '../monitoring.ts';
import { findPromtool, need } from './tools.ts';

const storiesSchema = z.looseObject({
  tests: z.array(
    z.looseObject({
      alert_rule_test: z.array(z.looseObject({ alertname: z.string(), exp_alerts: z.array(z.unknown()).default([]) })),
    }),
  ),
});
let folder = '';
let groups: AlertGroups = [];
let dashboard: Dashboard;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oomkeeper-rules-'));
  groups = await readAlerts();
  dashboard = await readDashboard();
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

const allRules = () => groups.flatMap(({ rules }) => rules);

/** Names of the metrics that our processes serve, those of histograms as they are queried. */
function ownMetrics(): ReadonlySet<string> {
  const metrics = createMetrics('test').registry.getMetricsAsArray();
  return new Set(
    metrics.flatMap(({ name, type }) =>
      String(type) === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
}

/** Grafana fills these in; for promtool any value will do. */
function withoutVariables(expr: string): string {
  return expr.replaceAll(/\$__(?:rate_interval|interval|range)/g, '5m');
}

test('promtool understands every alert and its texts', async (context) => {
  const promtool = need(context, await findPromtool());
  await writeFile(join(folder, 'checked.yaml'), stringify({ groups }));

  const { code, output } = await capture(promtool, ['check', 'rules', join(folder, 'checked.yaml')]);

  expect(output).toContain(`SUCCESS: ${allRules().length} rules found`);
  expect(code).toBe(0);
});

test('each alert fires when it should, and not when it should not', async (context) => {
  const promtool = need(context, await findPromtool());
  // What it says is looked at in one text; the others are the same for all of its alerts.
  const summaryOnly = groups.map(({ name, rules }) => ({
    name,
    rules: rules.map((rule) => ({ ...rule, annotations: { summary: rule.annotations.summary } })),
  }));
  await writeFile(join(folder, 'rules.yaml'), stringify({ groups: summaryOnly }));
  await copyFile(join(import.meta.dirname, 'alerts.yaml'), join(folder, 'alerts.yaml'));

  const { output, code } = await capture(promtool, ['test', 'rules', join(folder, 'alerts.yaml')]);

  expect(output).toContain('SUCCESS');
  expect(code).toBe(0);
});

test('there is a story in which each alert fires, and one in which it does not', async () => {
  const { tests } = storiesSchema.parse(parse(await readFile(join(import.meta.dirname, 'alerts.yaml'), 'utf8')));
  const looks = tests.flatMap((one) => one.alert_rule_test);
  const names = new Set(allRules().map(({ alert }) => alert));

  const fires = new Set(looks.filter(({ exp_alerts: alerts }) => alerts.length > 0).map(({ alertname }) => alertname));
  const silent = new Set(
    looks.filter(({ exp_alerts: alerts }) => alerts.length === 0).map(({ alertname }) => alertname),
  );

  expect(names.size).toBeGreaterThan(5);
  expect(fires).toEqual(names);
  expect(silent).toEqual(names);
});

test('alerts and panels ask only for metrics that exist', () => {
  const known = new Set([...ownMetrics(), ...Object.keys(foreignMetrics)]);
  const exprs = [
    ...allRules().map(({ expr }) => expr),
    ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  ];

  const asked = exprs.map((expr) => ({ expr, names: metricsIn(expr) }));

  expect(asked.filter(({ names }) => names.length === 0)).toEqual([]);
  expect(asked.filter(({ names }) => names.some((name) => !known.has(name)))).toEqual([]);
});

test('promtool can parse every query of the dashboard', async (context) => {
  const promtool = need(context, await findPromtool());
  const targets = dashboard.panels.flatMap(({ id, targets: all }) => all.map((target) => ({ id, ...target })));
  const rules = targets.map(({ id, refId, expr }) => ({ record: `panel${id}:${refId}`, expr: withoutVariables(expr) }));
  await writeFile(join(folder, 'queries.yaml'), stringify({ groups: [{ name: 'dashboard', rules }] }));

  const { output } = await capture(promtool, ['check', 'rules', join(folder, 'queries.yaml')]);

  expect(targets.length).toBeGreaterThan(10);
  expect(output).toContain(`SUCCESS: ${targets.length} rules found`);
});

test('the dashboard has a time series, a stat, a table and a heatmap; no two panels lie over each other', () => {
  const { panels, templating } = dashboard;
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, index) => `${x + (index % w)}/${y + Math.floor(index / w)}`),
  );

  expect(new Set(panels.map(({ type }) => type))).toEqual(new Set(['row', 'timeseries', 'stat', 'table', 'heatmap']));
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  expect(new Set(cells).size).toBe(cells.length);
  expect(panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
  expect(
    panels.filter(({ type, targets, datasource }) => type !== 'row' && (targets.length === 0 || !datasource)),
  ).toEqual([]);
  expect(templating.list).toMatchObject([{ name: 'datasource', type: 'datasource' }]);
});
