import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { capture } from '../../scripts/child.mjs';
import { projectRoot } from '../../scripts/project.mjs';
import { createMetrics } from '../../src/adapters/telemetry/metrics.ts';
import { findPromtool, need } from './tools.ts';

const ruleSchema = z.strictObject({
  alert: z.string(),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.looseObject({ severity: z.enum(['critical', 'warning']) }),
  annotations: z.strictObject({ summary: z.string(), description: z.string(), runbook: z.string() }),
});
const fileSchema = z.strictObject({
  apiVersion: z.literal('monitoring.coreos.com/v1'),
  kind: z.literal('PrometheusRule'),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.strictObject({ groups: z.array(z.strictObject({ name: z.string(), rules: z.array(ruleSchema) })) }),
});
const storiesSchema = z.looseObject({
  tests: z.array(
    z.looseObject({
      alert_rule_test: z.array(z.looseObject({ alertname: z.string(), exp_alerts: z.array(z.unknown()).default([]) })),
    }),
  ),
});
const targetSchema = z.looseObject({ expr: z.string(), refId: z.string() });
const panelSchema = z.looseObject({
  id: z.number(),
  type: z.enum(['row', 'timeseries', 'stat', 'table', 'heatmap']),
  title: z.string().min(1),
  gridPos: z.strictObject({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  datasource: z.looseObject({ type: z.literal('prometheus'), uid: z.literal('${datasource}') }).optional(),
  targets: z.array(targetSchema).default([]),
});
const dashboardSchema = z.looseObject({
  uid: z.string(),
  title: z.string(),
  schemaVersion: z.number(),
  templating: z.looseObject({ list: z.array(z.looseObject({ name: z.string(), type: z.string() })) }),
  panels: z.array(panelSchema),
});

/** Of kube-state-metrics and cAdvisor, and what a scrape itself gives. */
const foreign = new Set([
  'container_memory_working_set_bytes',
  'container_oom_events_total',
  'kube_pod_container_resource_limits',
  'kube_pod_completion_time',
  'kube_pod_container_status_last_terminated_reason',
  'kube_pod_container_status_restarts_total',
  'kube_pod_container_status_terminated_reason',
]);

let folder = '';
let groups: z.output<typeof fileSchema>['spec']['groups'] = [];
let dashboard: z.output<typeof dashboardSchema>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oomkeeper-rules-'));
  const read = async (path: string) => readFile(join(projectRoot, 'deploy/monitoring', path), 'utf8');
  ({ groups } = fileSchema.parse(parse(await read('prometheus-rule.yaml'))).spec);
  dashboard = dashboardSchema.parse(JSON.parse(await read('dashboard.json')));
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

/** Words of a query that name a metric: what stands before a brace, a bracket, an operator or its end. */
function metricsIn(expr: string): readonly string[] {
  const bare = expr
    .replaceAll(/"[^"]*"/g, '""')
    .replaceAll(/\{[^}]*\}/g, '')
    .replaceAll(/\[[^\]]*\]/g, '')
    .replaceAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, '');
  return [...bare.matchAll(/\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b(?!\s*\()/g)].map(([name]) => name);
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

test('each alert leads to a section of docs/operations.md that exists', async () => {
  const page = await readFile(join(projectRoot, 'docs/operations.md'), 'utf8');
  const anchors = [...page.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
  );

  for (const { alert, annotations } of allRules()) {
    expect(annotations.runbook).toBe(`docs/operations.md#${alert.toLowerCase()}`);
    expect(anchors).toContain(alert.toLowerCase());
  }
});

test('alerts and panels ask only for metrics that exist', () => {
  const known = new Set([...ownMetrics(), ...foreign]);
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
