import { stringify } from 'yaml';

import type { Behaviour } from '../kubernetes/cluster/cluster.ts';
import type { Target } from '../kubernetes/cluster/target.ts';
import { formatBytes } from '../kubernetes/objects/quantity.ts';
import type { JsonObject, NewObject } from '../kubernetes/objects/object-store.ts';
import type { MemoryProgram } from '../kubernetes/kubelet/program.ts';
import { heapProgram } from '../kubernetes/kubelet/runtime-heap.ts';
import type { Scenario } from './scenario.ts';

/** A story that names its node may be put on any. */
const tolerated = { key: 'dedicated', operator: 'Exists', effect: 'NoSchedule' };
const sourceAnnotation = 'oomkeeper.dev/source';

const commands: Readonly<Record<Scenario['workload']['runtime'], readonly string[] | undefined>> = {
  java: ['java', '-jar', '/app/app.jar'],
  node: ['node', 'server.js'],
  python: ['gunicorn', '--workers', '2', 'app:app'],
  go: ['/app/server'],
  dotnet: ['dotnet', '/app/service.dll'],
  plain: undefined,
};

/** The repository that the manifests of stories lie in. */
export const deployRepository = { owner: 'acme', repo: 'deploy', branch: 'main' };

/** Where the story's manifest lies in the repository; null where it has none. */
export function sourcePathOf({ workload: { source, namespace, name } }: Scenario): string | null {
  if (source === null || source === false) return null;
  return source === true ? `apps/${namespace}/${name}.yaml` : source;
}

/** The stories of all workloads of a story with several alike. */
export function membersOf(scenario: Scenario): readonly Scenario[] {
  const { count, name } = scenario.workload;
  if (count === 1) return [scenario];
  return Array.from({ length: count }, (_, index) => ({
    ...scenario,
    workload: { ...scenario.workload, name: `${name}-${index + 1}`, count: 1 },
  }));
}

export function targetOf({ workload }: Scenario): Target {
  return { namespace: workload.namespace, kind: workload.kind, name: workload.name };
}

/** What the containers do, by revision. */
export function behaviourOf(scenario: Scenario): Behaviour {
  const { workload, history, metrics } = scenario;
  const [program] = effectivePrograms(scenario);
  return {
    container: workload.container,
    programs: programsOf(scenario),
    runtime: workload.runtime,
    detector: scenario.detector,
    ...(workload.heap === undefined ? {} : { besideHeapBytes: workload.heap.beside, heapIsLive: workload.heap.live }),
    beside: Object.fromEntries(workload.beside.map(({ name, bytes }) => [name, bytes])),
    measuredBy: {
      prometheus: metrics === 'all' || metrics === 'prometheus',
      metricsServer: metrics === 'all' || metrics === 'metrics-server',
    },
    ...(history === undefined
      ? {}
      : {
          past: {
            lives: history.lives,
            remainingMs: history.next,
            asFast: history.asFast,
            ...(history.age === undefined ? {} : { ageMs: history.age }),
            ...(program === undefined ? {} : { program }),
          },
        }),
  };
}

/** What the containers use, by revision, as long as nobody but the story's events changes their limit or their flags. */
export function effectivePrograms(scenario: Scenario): readonly MemoryProgram[] {
  const { heap, runtime } = scenario.workload;
  const programs = programsOf(scenario);
  if (heap === undefined) return programs;
  return programs.map((program, index) => {
    const { env, limit } = specAfter(scenario, index);
    const of = { runtime, env, limitBytes: limit, besideHeapBytes: heap.beside, heapIsLive: heap.live };
    return heapProgram(of, program);
  });
}

/** Limit (bytes, null = none) and environment after so many of the story's rollouts. */
export function specAfter(
  { workload, events }: Scenario,
  rollouts: number,
): { readonly limit: number | null; readonly env: Readonly<Record<string, string>> } {
  const done = events
    .filter((event) => event.do === 'rollout')
    .toSorted((a, b) => a.at - b.at)
    .slice(0, rollouts);
  return {
    limit: done.findLast((event) => event.limit !== undefined)?.limit ?? workload.limit ?? null,
    env: done.reduce((all, { env }) => ({ ...all, ...env }), workload.env),
  };
}

/** One program for each revision; a revision without points does what the one before it did. */
function programsOf({ program, repeat, load, files, pages }: Scenario): readonly MemoryProgram[] {
  const revisions = Math.max(...program.map(({ revision }) => revision));
  const programs: MemoryProgram[] = [];
  for (let revision = 1; revision <= revisions; revision += 1) {
    const points = program
      .filter((point) => point.revision === revision)
      .map(({ at, bytes }) => ({ at, bytes }))
      .toSorted((a, b) => a.at - b.at);
    const beside = {
      ...(load === undefined ? {} : { load }),
      ...(pages === undefined ? {} : { pages: { bytesPerMs: pages.perMinute / 60_000, dirty: pages.dirty } }),
      ...(files === undefined ? {} : { files: { bytesPerMs: files.perMinute / 60_000, mostBytes: files.most } }),
    };
    programs.push(points.length === 0 ? (programs.at(-1) ?? { points: [] }) : { points, repeat, ...beside });
  }
  return programs;
}

/** The workload's manifest as its owner would have applied it. */
export function manifestOf(scenario: Scenario): NewObject {
  const { workload } = scenario;
  const { kind, name, namespace, replicas, owner } = workload;
  const labels = { app: name, ...(typeof owner === 'string' ? { 'app.kubernetes.io/managed-by': owner } : {}) };
  const path = sourcePathOf(scenario);
  const { owner: org, repo, branch } = deployRepository;
  const source = path === null ? {} : { [sourceAnnotation]: `${org}/${repo}//${path}@${branch}` };
  const metadata = { name, namespace, labels, ...annotated({ ...workload.annotations, ...source }) };
  const template = { metadata: { labels: { app: name }, ...annotated(workload.annotations) }, spec: podSpec(workload) };
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

function annotated(annotations: Readonly<Record<string, string>>): JsonObject {
  return Object.keys(annotations).length === 0 ? {} : { annotations };
}

/** What stands beside the workload: its Service and its PriorityClass, where the story has them. */
export function neighboursOf({ workload }: Scenario): readonly NewObject[] {
  const { service, priorityClass, name, namespace } = workload;
  return [
    ...(priorityClass === undefined ? [] : [priorityClassOf(priorityClass)]),
    ...(service ? [serviceOf(name, namespace)] : []),
  ];
}

function priorityClassOf(name: string): NewObject {
  return {
    kind: 'PriorityClass',
    apiVersion: 'scheduling.k8s.io/v1',
    metadata: { name },
    value: 1000,
    preemptionPolicy: 'PreemptLowerPriority',
  };
}

function serviceOf(name: string, namespace: string): NewObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  };
}

function jobSpec({ backoffLimit, ttl }: Scenario['workload'], template: JsonObject): JsonObject {
  return { backoffLimit, template, ...(ttl === undefined ? {} : { ttlSecondsAfterFinished: Math.round(ttl / 1000) }) };
}

function podSpec(workload: Scenario['workload']): JsonObject {
  const { kind, namespace, name, container, limit, request, runtime, env, volumes, grace, node } = workload;
  const { beside, podLimit } = workload;
  const command = commands[runtime];
  const requests = { cpu: '50m', ...(request === undefined ? {} : { memory: formatBytes(request) }) };
  const once = kind === 'Job' || kind === 'CronJob';
  return {
    ...(volumes.length === 0 ? {} : { volumes: volumes.map(volumeOf) }),
    ...(podLimit === undefined ? {} : { resources: { limits: { memory: formatBytes(podLimit) } } }),
    containers: [
      ...beside.map(({ name: other }) => ({ name: other, image: `registry.example/mesh/${other}:2.1`, resources: {} })),
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
    ...(workload.priorityClass === undefined ? {} : { priorityClassName: workload.priorityClass }),
    ...(node === undefined ? {} : { nodeSelector: { 'kubernetes.io/hostname': node }, tolerations: [tolerated] }),
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

/**
 * The file that the story's workload is deployed from, as people write it: two documents, with comments that are none
 * of a tool's business.
 */
export function manifestTextOf(scenario: Scenario): string {
  const { name, namespace } = scenario.workload;
  const service = serviceOf(name, namespace);
  const { kind, apiVersion, metadata, ...rest } = manifestOf(scenario);
  const workload = stringify({ apiVersion, kind, metadata, ...rest }, { lineWidth: 120 });
  // The first memory quantity is the limit or the request: whoever edits it has to leave the remark beside it alone.
  const remarked = workload.replace(/(\n\s+memory: \S+)/, '$1 # from the load test in spring');
  return [
    `# ${name}: deployed from this file, nothing here is written by a machine.`,
    stringify(service).trimEnd(),
    '---',
    `# Sizes are agreed with the owners of the namespace ${namespace}.`,
    remarked.trimEnd(),
    '',
  ].join('\n');
}
