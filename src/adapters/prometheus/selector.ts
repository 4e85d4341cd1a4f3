import { promqlString } from '../../core/evidence/promql-string.ts';
import type { UsageQuery } from '../../core/evidence/usage-query.ts';
import type { Kill } from '../../core/kill/kill.ts';
import { minuteMs } from '../../core/units/duration.ts';

/** Prometheus' own look-back; VictoriaMetrics' is two scrapes, and a scrape may come late. */
export const lookBackMs = 5 * minuteMs;

/** More names than these would make a query that nobody can read; the killed pods come first. */
const mostPods = 40;
/** With more pods than these the names of pods that are gone are not asked for: too many series. */
const mostForPattern = 50;

/** What a question about usage is about, as PromQL. Close by it is asked of some pods, else of all that are meant. */
export interface Subject {
  /** Only the killed pods, without their siblings and those that are gone. */
  readonly onlyKilled: boolean;
  readonly hasSiblings: boolean;
  /** The working sets of all, as a person reads it. */
  readonly selector: string;
  readonly workingSets: string;
  /** One series per run: of pairs of servers the larger. */
  readonly wide: string;
  /** Limits and starts. */
  readonly seldom: string;
  /** The most that any of them used, by hour. */
  readonly days: string;
  /** All that is known of the container in these pods. */
  readonly containers: (pods: readonly string[]) => string;
  /** These pods as a whole. */
  readonly pods: (pods: readonly string[]) => string;
  readonly packets: (pods: readonly string[]) => string;
  /** The rate of a counter of these pods, for people: with all its series, as a graph shows it. */
  readonly rate: (counter: string, pods: readonly string[]) => string;
}

export const WORKING_SET = 'container_memory_working_set_bytes';
const MEMORY = 'container_memory_(working_set_bytes|rss|usage_bytes|cache)';
/** GA with 1.36, and measured where the node's kernel does it. */
export const STALLED = 'container_pressure_memory_stalled_seconds_total';
/** Of a pod as a whole: containers have no network of their own. */
export const PACKETS = 'container_network_receive_packets_total';
export const CPU = 'container_cpu_usage_seconds_total';
/** Minutes that a rate for people is over: two scrapes or more nearly everywhere. */
const ratedMinutes = 5;
const SELDOM = [
  'container_spec_memory_limit_bytes',
  'container_start_time_seconds',
  'kube_pod_container_resource_limits',
];

/** Of the container of a query: in the killed pods, and unless `onlyKilled` in the other pods of its workload. */
export function subjectOf(
  { namespace, container, pod, pods, kills }: UsageQuery,
  { onlyKilled }: Pick<Subject, 'onlyKilled'>,
): Subject {
  const killed = [...new Set([pod, ...kills.map((kill) => kill.pod)])];
  const names = [...new Set([...killed, ...(onlyKilled ? [] : pods)])];
  const workload = kills.at(-1)?.subject.workload;
  const isWide = !onlyKilled && names.length <= mostForPattern;
  const pattern = workload && isWide ? podPattern(workload) : null;

  // Without a container there are the pod's own cgroup and, beside it, the pause container's, which has an image.
  const wholePod = ['container=""', 'image=""'];
  const ofContainer = container === '' ? wholePod : [`container=${promqlString(container)}`];
  const inNamespace = `namespace=${promqlString(namespace)}`;
  const all = [
    inNamespace,
    `pod=~${promqlString([...names.slice(0, mostPods).map(escapeRegex), ...(pattern === null ? [] : [pattern])].join('|'))}`,
    ...ofContainer,
  ];
  const inPods = (some: readonly string[]): readonly string[] => [
    inNamespace,
    `pod=~${oneOf(some.slice(0, mostPods))}`,
  ];
  const named = (name: string): string => `__name__=~${promqlString(name)}`;
  const select = (matchers: readonly string[]): string => `{${matchers.join(',')}}`;

  const counterOf = (counter: string, some: readonly string[]): string =>
    `${counter}${select([...inPods(some), ...(counter === PACKETS ? ['interface!="lo"'] : ofContainer)])}`;
  const workingSets = `${WORKING_SET}${select(all)}`;
  return {
    onlyKilled,
    hasSiblings: pattern !== null || names.length > killed.length,
    selector: workingSets,
    workingSets,
    // What VictoriaMetrics would look back for, a whole step, shows all runs of a crash loop.
    wide: `max by (pod,id,name) (last_over_time(${workingSets}[${lookBackMs}ms]))`,
    seldom: select([named(SELDOM.join('|')), ...all, 'resource=~"|memory"']),
    days: `max(max_over_time(${workingSets}[1h]))`,
    containers: (some) => select([named(`${MEMORY}|${STALLED}|${CPU}`), ...inPods(some), ...ofContainer]),
    pods: (some) => select([named(MEMORY), ...inPods(some), ...wholePod]),
    packets: (some) => counterOf(PACKETS, some),
    rate: (counter, some) => `rate(${counterOf(counter, some)}[${ratedMinutes}m])`,
  };
}

/**
 * How the pods of a workload are called, so that pods that are gone are found too: those of the revision before a
 * rollout are the best witnesses. Null for kinds whose pods' names don't tell.
 */
function podPattern({ kind, name }: Kill['subject']['workload']): string | null {
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
 * scraped them counts, never their sum. `back`: the last sample of such a time, where a server would look back less far,
 * or the most of it.
 */
export function perRun(
  metric: string,
  matchers: readonly string[],
  back: { readonly of: 'last' | 'max'; readonly backMs: number } | null = null,
): string {
  const selector = `${metric}{${matchers.join(',')}}`;
  const one = back === null ? selector : `${back.of}_over_time(${selector}[${back.backMs}ms])`;
  return `max by (namespace,pod,container,id,name) (${one})`;
}

/** Containers of the namespaces that are named, or of all; neither pods as a whole nor their pause containers. */
export function containersIn(namespaces: readonly string[]): readonly string[] {
  const where = namespaces.length === 0 ? [] : [`namespace=~${oneOf(namespaces)}`];
  return ['container!=""', 'container!="POD"', ...where];
}

/** These names and no others, as a PromQL string for `=~`. */
export function oneOf(names: readonly string[]): string {
  return promqlString([...new Set(names)].map(escapeRegex).join('|'));
}

/** RE2: everything that is no letter, digit, `_` or `-` stands for itself. */
function escapeRegex(text: string): string {
  return text.replaceAll(/[^\w-]/g, (character) => `\\${character}`);
}
