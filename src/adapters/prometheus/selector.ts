import type { Kill } from '../../core/kill/kill.ts';

/** Everything that one history of usage needs, in one request. */
const METRICS = [
  'container_memory_(working_set_bytes|rss|usage_bytes)',
  'container_spec_memory_limit_bytes',
  'container_start_time_seconds',
  'kube_pod_container_resource_limits',
];

/** More names than these would make a query that nobody can read; the killed pods come first. */
const mostPods = 40;

/** Selects the memory series of one container in some pods; '' = of the pods as a whole. `patterns` are regular expressions already. */
export function usageSelector(query: {
  readonly namespace: string;
  readonly container: string;
  readonly pods: readonly string[];
  readonly patterns: readonly string[];
}): string {
  const pods = [...query.pods.slice(0, mostPods).map(escapeRegex), ...query.patterns].join('|');
  const labels = [
    `__name__=~${quoted(METRICS.join('|'))}`,
    `namespace=${quoted(query.namespace)}`,
    `pod=~${quoted(pods)}`,
    `container=${quoted(query.container)}`,
    // Without a container there are the pod's own cgroup and, beside it, the pause container's, which has an image.
    ...(query.container === '' ? ['image=""'] : []),
  ];
  return `{${labels.join(',')}}`;
}

/**
 * How the pods of a workload are called, so that pods that are gone are found too: those of the revision before a
 * rollout are the best witnesses. Null for kinds whose pods' names don't tell.
 */
export function podPattern({ kind, name }: Kill['subject']['workload']): string | null {
  const base = escapeRegex(name);
  switch (kind) {
    case 'Deployment':
      return `${base}-[a-z0-9]{6,10}-[a-z0-9]{5}`;
    case 'StatefulSet':
      return `${base}-[0-9]+`;
    case 'DaemonSet':
    case 'Job':
      return `${base}-[a-z0-9]{5}`;
    case 'CronJob':
      return `${base}-[0-9]+-[a-z0-9]{5}`;
    default:
      return null;
  }
}

/** `pod-template-hash` as it stands in the name of a Deployment's pod; null for any other pod. */
export function revisionOf(pod: string, { kind, name }: Kill['subject']['workload']): string | null {
  if (kind !== 'Deployment' || !pod.startsWith(`${name}-`)) return null;
  const [hash, suffix, ...more] = pod.slice(name.length + 1).split('-');
  return hash !== undefined && suffix !== undefined && more.length === 0 ? hash : null;
}

/**
 * One series per container run: `id` and `name` tell them apart, and the largest of those that only differ in who
 * scraped them counts, never their sum.
 */
export function perRun(metric: string, matchers: readonly string[]): string {
  return `max by (namespace,pod,container,id,name) (${metric}{${matchers.join(',')}})`;
}

/** Containers of the namespaces that are named, or of all; neither pods as a whole nor their pause containers. */
export function containersIn(namespaces: readonly string[]): readonly string[] {
  const where = namespaces.length === 0 ? [] : [`namespace=~${oneOf(namespaces)}`];
  return ['container!=""', 'container!="POD"', ...where];
}

/** These names and no others, as a PromQL string for `=~`. */
export function oneOf(names: readonly string[]): string {
  return quoted([...new Set(names)].map(escapeRegex).join('|'));
}

/** A PromQL string. Label values are hostile: a quote in one must not end it. */
function quoted(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

/** RE2: everything that is no letter, digit, `_` or `-` stands for itself. */
function escapeRegex(text: string): string {
  return text.replaceAll(/[^\w-]/g, (character) => `\\${character}`);
}
