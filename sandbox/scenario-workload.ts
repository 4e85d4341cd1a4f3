import type { Behaviour } from './kubernetes/cluster.ts';
import type { Target } from './kubernetes/cluster-target.ts';
import { formatBytes } from './kubernetes/kubelet-quantity.ts';
import type { JsonObject, NewObject } from './kubernetes/object-store.ts';
import type { MemoryProgram } from './kubernetes/program.ts';
import type { Scenario } from './scenario.ts';

const commands: Readonly<Record<Scenario['workload']['runtime'], readonly string[] | undefined>> = {
  java: ['java', '-jar', '/app/app.jar'],
  node: ['node', 'server.js'],
  python: ['gunicorn', '--workers', '2', 'app:app'],
  go: ['/app/server'],
  plain: undefined,
};

export function targetOf({ workload }: Scenario): Target {
  return { namespace: workload.namespace, kind: workload.kind, name: workload.name };
}

/** What the containers do, by revision. */
export function behaviourOf(scenario: Scenario): Behaviour {
  const { workload, history } = scenario;
  return {
    container: workload.container,
    programs: programsOf(scenario),
    runtime: workload.runtime,
    ...(history === undefined ? {} : { past: { lives: history.lives, remainingMs: history.next } }),
  };
}

/** One program for each revision; a revision without points does what the one before it did. */
export function programsOf({ program, repeat }: Scenario): readonly MemoryProgram[] {
  const revisions = Math.max(...program.map(({ revision }) => revision));
  const programs: MemoryProgram[] = [];
  for (let revision = 1; revision <= revisions; revision += 1) {
    const points = program
      .filter((point) => point.revision === revision)
      .map(({ at, bytes }) => ({ at, bytes }))
      .toSorted((a, b) => a.at - b.at);
    programs.push(points.length === 0 ? (programs.at(-1) ?? { points: [] }) : { points, repeat });
  }
  return programs;
}

/** The workload's manifest as its owner would have applied it. */
export function manifestOf({ workload }: Scenario): NewObject {
  const { kind, name, namespace, replicas, owner } = workload;
  const labels = { app: name, ...(typeof owner === 'string' ? { 'app.kubernetes.io/managed-by': owner } : {}) };
  const metadata = { name, namespace, labels };
  const template = { metadata: { labels: { app: name } }, spec: podSpec(workload) };
  const selector = { matchLabels: { app: name } };
  switch (kind) {
    case 'Pod':
      return { kind, apiVersion: 'v1', metadata, spec: template.spec };
    case 'Deployment':
      return { kind, apiVersion: 'apps/v1', metadata, spec: { replicas, selector, template } };
    case 'StatefulSet':
      return { kind, apiVersion: 'apps/v1', metadata, spec: { replicas, selector, template, serviceName: name } };
    case 'DaemonSet':
      return { kind, apiVersion: 'apps/v1', metadata, spec: { selector, template } };
    case 'Job':
      return { kind, apiVersion: 'batch/v1', metadata, spec: jobSpec(workload, template) };
    case 'CronJob':
      return {
        kind,
        apiVersion: 'batch/v1',
        metadata,
        spec: { schedule: '*/5 * * * *', jobTemplate: { metadata: { labels }, spec: jobSpec(workload, template) } },
      };
  }
}

function jobSpec({ backoffLimit, ttl }: Scenario['workload'], template: JsonObject): JsonObject {
  return { backoffLimit, template, ...(ttl === undefined ? {} : { ttlSecondsAfterFinished: Math.round(ttl / 1000) }) };
}

function podSpec(workload: Scenario['workload']): JsonObject {
  const { kind, namespace, name, container, limit, request, runtime, env, volumes, grace } = workload;
  const command = commands[runtime];
  const requests = { cpu: '50m', ...(request === undefined ? {} : { memory: formatBytes(request) }) };
  const once = kind === 'Job' || kind === 'CronJob';
  return {
    ...(volumes.length === 0 ? {} : { volumes: volumes.map(volumeOf) }),
    containers: [
      {
        name: container,
        image: `registry.example/${namespace}/${name}:1.4.2`,
        ...(command === undefined ? {} : { command: [...command] }),
        ...(Object.keys(env).length === 0
          ? {}
          : { env: Object.entries(env).map(([key, value]) => ({ name: key, value })) }),
        resources: { ...(limit === undefined ? {} : { limits: { memory: formatBytes(limit) } }), requests },
        ...(volumes.length === 0
          ? {}
          : { volumeMounts: volumes.map(({ name: volume, mountPath }) => ({ name: volume, mountPath })) }),
        ...livenessProbe(workload),
      },
    ],
    ...(once ? { restartPolicy: 'Never' } : {}),
    terminationGracePeriodSeconds: Math.round(grace / 1000),
  };
}

function volumeOf({ name, medium, sizeLimit }: Scenario['workload']['volumes'][number]): JsonObject {
  return {
    name,
    emptyDir: {
      ...(medium === '' ? {} : { medium }),
      ...(sizeLimit === undefined ? {} : { sizeLimit: formatBytes(sizeLimit) }),
    },
  };
}

function livenessProbe({ probe }: Scenario['workload']): JsonObject {
  if (probe === undefined || probe === null) return {};
  const { period, failures } = probe === 'liveness' ? { period: 10_000, failures: 3 } : probe;
  return {
    livenessProbe: {
      httpGet: { path: '/healthz', port: 8080, scheme: 'HTTP' },
      timeoutSeconds: 1,
      periodSeconds: Math.max(1, Math.round(period / 1000)),
      successThreshold: 1,
      failureThreshold: failures,
    },
  };
}
