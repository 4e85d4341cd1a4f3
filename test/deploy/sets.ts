import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { projectRoot } from '../../scripts/project.mjs';
import { render, renderChart, type ChartValues, type Rendered } from './render.ts';
import { findHelm, findKubectl, need } from './tools.ts';

/** Folders of deploy/kubernetes that are applied as they are, or as the base of somebody's own. */
export const folders = ['base', 'overlays/act', 'overlays/one-namespace', 'redis'] as const;

const slack = { botToken: 'xoxb-1', appToken: 'xapp-1' };
/** What `helm install` is given in the guide. */
export const fourValues: ChartValues = { cluster: 'prod', slack, channel: 'oom-alerts' };

const redisOfCompany = (name: string): string => `rediss+sentinel://${name}:p@a.example.com:26379/main`;
const external = {
  watcherUrl: redisOfCompany('watcher'),
  workerUrl: redisOfCompany('worker'),
  botUrl: redisOfCompany('bot'),
  ca: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
};
const lineOf = (letter: string): string => letter.repeat(32);

/** Values of the chart, by what somebody wants; all of it is tested for each. */
const charts = {
  chart: fourValues,
  'chart: act': { ...fourValues, mode: 'act', approvers: ['U024BE7LH', 'U0G9QF9C6'] },
  'chart: one namespace': { ...fourValues, namespaces: ['shop'] },
  'chart: act in two namespaces': { ...fourValues, mode: 'act', namespaces: ['shop', 'payments'] },
  'chart: kubelet metrics': { ...fourValues, kubeletMetrics: true, prometheusUrl: 'off' },
  'chart: Secrets of their own': {
    cluster: 'prod',
    slack: { existingSecret: 'slack' },
    github: { existingSecret: 'github', appId: 1_234_567 },
    alertmanager: { existingSecret: 'alertmanager', url: 'http://alertmanager.monitoring:9093' },
    pagerDuty: { existingSecret: 'pagerduty' },
    redis: { existingSecret: 'redis-users' },
    traces: { endpoint: 'http://collector.monitoring:4318', existingSecret: 'traces' },
    policyConfigMap: 'policy',
    image: { pullSecrets: ['registry'] },
  },
  'chart: over HTTP, and everybody told': {
    cluster: 'prod',
    slack: { botToken: 'xoxb-1', signingSecret: lineOf('a') },
    policy: 'approvals:\n  - who: [U024BE7LH]\n',
    github: { token: lineOf('b'), webhookSecret: lineOf('c') },
    alertmanager: { url: 'http://alertmanager.monitoring:9093', token: lineOf('d'), secret: lineOf('e') },
    pagerDuty: { routingKey: lineOf('f'), apiUrl: 'https://events.eu.pagerduty.com' },
    traces: { endpoint: 'https://collector.example.com', headers: 'authorization=a,tenant=b' },
    http: {
      enabled: true,
      from: [{ namespaceSelector: { matchLabels: { name: 'ingress' } } }],
      ingress: { host: 'oom.example.com', className: 'nginx', tlsSecret: 'oom-tls', annotations: { a: 'b' } },
    },
  },
  'chart: external Redis, watcher and worker': {
    cluster: 'prod',
    components: { bot: false },
    redis: { enabled: false, external },
    networkPolicy: { egressPorts: [26_379] },
  },
  'chart: external Redis, the bot alone': {
    slack,
    components: { watcher: false, worker: false },
    redis: { enabled: false, external },
  },
  'chart: Valkey': { ...fourValues, redis: { kind: 'valkey', image: 'valkey/valkey:8' } },
  'chart: with all that a platform wants': {
    ...fourValues,
    mode: 'act',
    tests: { namespace: 'oom-tests' },
    size: 'large',
    resources: { worker: { requests: { cpu: '1', memory: '2Gi' }, limits: { memory: '2Gi' } } },
    admission: { enabled: true, excludedNamespaces: ['kube-system', 'istio-system'], mayRollBack: true },
    monitoring: { serviceMonitor: true, podMonitor: true, prometheusRule: true, labels: { release: 'prometheus' } },
    labels: { team: 'platform' },
    annotations: { owner: 'platform' },
    podLabels: { zone: 'a' },
    podAnnotations: { 'sidecar.istio.io/inject': 'false' },
    nodeSelector: { pool: 'system' },
    tolerations: [{ key: 'system', operator: 'Exists', effect: 'NoSchedule' }],
    affinity: { nodeAffinity: {} },
    priorityClassName: 'system-cluster-critical',
    redis: { storage: { size: '10Gi', className: 'fast' } },
    settings: { OOMKEEPER_LOOK_BACK: '2h', OOMKEEPER_STORM_AFTER: 10 },
  },
} satisfies Readonly<Record<string, ChartValues>>;

/** What somebody may have set with the chart of each version: their files are rendered with the newest chart. */
const valuesFolder = join(projectRoot, 'test/deploy/values');
export const versions = readdirSync(valuesFolder).map((file) => file.replace(/\.yaml$/, ''));
function valuesOf(version: string): ChartValues {
  const text = readFileSync(join(valuesFolder, `${version}.yaml`), 'utf8');
  return z.record(z.string(), z.unknown()).parse(parse(text));
}

type Chart = keyof typeof charts | `chart: values of ${string}`;
export type SetName = Chart | (typeof folders)[number];
const isNamed = (name: string): name is keyof typeof charts => name in charts;
const isChart = (name: SetName): name is Chart => name.startsWith('chart');
const valuesFor = (name: Chart): ChartValues =>
  isNamed(name) ? charts[name] : valuesOf(name.replace('chart: values of ', ''));
export const chartNames: readonly Chart[] = [
  ...Object.keys(charts).filter(isNamed),
  ...versions.map((version): Chart => `chart: values of ${version}`),
];
/** All that can be deployed. */
export const sets: readonly SetName[] = [...folders, ...chartNames];

/** The objects of a set, without what `helm test` makes; the test is skipped where there is no helm or kubectl. */
export async function rendered(context: TestContext, name: SetName): Promise<readonly Rendered[]> {
  if (!isChart(name)) return render(need(context, await findKubectl()), name);
  const objects = await renderChart(need(context, await findHelm()), valuesFor(name));
  return objects.filter((object) => !isTest(object));
}

/** What `helm test` makes with the values of a chart. */
export async function renderedTests(context: TestContext, name: Chart): Promise<readonly Rendered[]> {
  return (await renderChart(need(context, await findHelm()), valuesFor(name))).filter(isTest);
}

const isTest = ({ metadata }: Rendered): boolean => metadata.annotations?.['helm.sh/hook'] === 'test';
