import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { projectRoot } from '../scripts/project.mjs';

/* What `deploy/monitoring` holds. */

const ruleSchema = z.strictObject({
  alert: z.string(),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.looseObject({ severity: z.enum(['critical', 'warning']) }),
  annotations: z.strictObject({ summary: z.string(), description: z.string(), runbook_url: z.string() }),
});
const fileSchema = z.strictObject({
  apiVersion: z.literal('monitoring.coreos.com/v1'),
  kind: z.literal('PrometheusRule'),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.strictObject({ groups: z.array(z.strictObject({ name: z.string(), rules: z.array(ruleSchema) })) }),
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

export type AlertGroups = z.output<typeof fileSchema>['spec']['groups'];
export type Dashboard = z.output<typeof dashboardSchema>;

const read = async (path: string) => readFile(join(projectRoot, 'deploy/monitoring', path), 'utf8');

export async function readAlerts(): Promise<AlertGroups> {
  return fileSchema.parse(parse(await read('prometheus-rule.yaml'))).spec.groups;
}

export async function readDashboard(): Promise<Dashboard> {
  return dashboardSchema.parse(JSON.parse(await read('dashboard.json')));
}

/** Words of a query that name a metric: what stands before a brace, a bracket, an operator or its end. */
export function metricsIn(expr: string): readonly string[] {
  const bare = expr
    .replaceAll(/"[^"]*"/g, '""')
    .replaceAll(/\{[^}]*\}/g, '')
    .replaceAll(/\[[^\]]*\]/g, '')
    .replaceAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, '');
  return [...bare.matchAll(/\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b(?!\s*\()/g)].map(([name]) => name);
}

/** Of kube-state-metrics and cAdvisor. */
export const foreignMetrics: Readonly<Record<string, string>> = {
  container_memory_working_set_bytes: 'cAdvisor',
  container_oom_events_total: 'cAdvisor',
  kube_pod_container_resource_limits: 'kube-state-metrics',
  kube_pod_completion_time: 'kube-state-metrics',
  kube_pod_container_status_last_terminated_reason: 'kube-state-metrics',
  kube_pod_container_status_restarts_total: 'kube-state-metrics',
  kube_pod_container_status_terminated_reason: 'kube-state-metrics',
};
