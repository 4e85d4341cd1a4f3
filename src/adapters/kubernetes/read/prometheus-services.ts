import { record, records, text, texts } from '../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../core/kill/json-read.ts';
import { listPages } from '../transport/list-pages.ts';
import type { Transport } from '../transport/transport.ts';

/** A Service that may be a Prometheus-compatible API. */
export interface PrometheusCandidate {
  /** `monitoring/prometheus-server` */
  readonly service: string;
  /** URLs to try, likeliest first: by the cluster's DNS, then by its cluster IP. */
  readonly urls: readonly string[];
}

interface Known {
  /** Matches the Service's name or its labels `app` and `app.kubernetes.io/name`. */
  readonly name: RegExp;
  /** Ports by number or name, the likeliest first. */
  readonly ports: readonly (number | string)[];
  /** Path prefix of the query API. */
  readonly path: string;
}

/**
 * Programs that answer Prometheus queries and the names of their Services; earlier ones know more pods or have more
 * history.
 */
const known: readonly Known[] = [
  { name: /thanos-quer(?:y|ier)(?:-frontend)?$/, ports: ['http', 9090, 10902, 9091], path: '' },
  { name: /mimir-(?:nginx|gateway|query-frontend)$/, ports: ['http-metrics', 'http', 80, 8080], path: '/prometheus' },
  { name: /vmselect/, ports: ['http', 8481], path: '/select/0/prometheus' },
  { name: /vmsingle|victoria-metrics-single|victoria-metrics-server/, ports: ['http', 8428, 8429], path: '' },
  { name: /^prometheus-operated$/, ports: ['web', 'http-web', 9090], path: '' },
  { name: /prometheus(?:-server|-prometheus|-k8s)?$/, ports: ['web', 'http-web', 'http', 9090, 80], path: '' },
];

/** Namespaces in which people who may not install a monitoring have no rights, as a rule. */
const usualNamespaces = [
  'monitoring',
  'observability',
  'prometheus',
  'kube-prometheus-stack',
  'openshift-monitoring',
  'cattle-monitoring-system',
  'victoria-metrics',
  'mimir',
  'thanos',
  'kube-system',
];

/**
 * `usual`: in the namespaces that are usual for it. `other`: in any other, where whoever may create a Service can give
 * it the right name.
 */
export type PrometheusPlace = 'usual' | 'other';

/** How many are tried of each place; further ones most likely belong to other people. */
const mostCandidates = 8;
/** Of one of the other namespaces, so that nobody fills all places. */
const mostOfOther = 2;
const mostServices = 20_000;

/**
 * The Services that look like a Prometheus-compatible API, the likeliest first. Of a Service no more is kept than its
 * addresses. @throws Failure, `cluster-forbidden` where the worker may not list Services
 */
export async function listPrometheusServices(
  transport: Transport,
  place: PrometheusPlace,
  deadlineMs: number,
): Promise<readonly PrometheusCandidate[]> {
  const ranking = createRanking(place);
  const endsAt = Date.now() + deadlineMs;
  const paths =
    place === 'usual' ? usualNamespaces.map((name) => `/api/v1/namespaces/${name}/services`) : ['/api/v1/services'];
  await Promise.all(paths.map((path) => listPages(transport, { path, most: mostServices, endsAt }, ranking.add)));
  return ranking.best();
}

type Ranked = PrometheusCandidate & { readonly rank: number; readonly namespace: string };

/** Keeps the best of any number of Services. Pure. */
export function createRanking(place: PrometheusPlace) {
  let kept: readonly Ranked[] = [];

  function add(service: JsonRecord): void {
    const found = candidateOf(service);
    if (found === null || usualNamespaces.includes(found.namespace) !== (place === 'usual')) return;
    const better = [...kept, found].toSorted((a, b) => a.rank - b.rank || (a.service < b.service ? -1 : 1));
    const ofEach = Map.groupBy(better, ({ namespace }) => namespace);
    const isAllowed = (one: Ranked): boolean =>
      place === 'usual' || (ofEach.get(one.namespace) ?? []).indexOf(one) < mostOfOther;
    kept = better.filter(isAllowed).slice(0, mostCandidates);
  }

  return { add, best: () => kept.map(({ service, urls }) => ({ service, urls })) };
}

function candidateOf(service: JsonRecord): Ranked | null {
  const kind = knownOf(service);
  const metadata = record(service['metadata']);
  const [namespace, name] = [text(metadata['namespace']), text(metadata['name'])];
  // NOTE: an ExternalName is an alias of any host, inside or outside.
  if (kind === null || namespace === null || name === null || record(service['spec'])['type'] === 'ExternalName')
    return null;
  const port = portOf(service, kind);
  if (port === null) return null;
  const hosts = [`${name}.${namespace}.svc`, ...addressesOf(service)];
  const urls = hosts.map((host) => `http://${host}:${port}${kind.path}`);
  return { rank: known.indexOf(kind), namespace, service: `${namespace}/${name}`, urls };
}

function knownOf(service: JsonRecord): Known | null {
  const metadata = record(service['metadata']);
  const labels = texts(metadata['labels']);
  const names = [text(metadata['name']), labels['app.kubernetes.io/name'], labels['app']];
  // Other parts of the same chart (exporters, its alertmanager) have the same labels.
  const other = /alertmanager|exporter|kube-state|pushgateway|adapter|operator$|blackbox|webhook|discovery/;
  if (names[0] === null || names[0] === undefined || other.test(names[0])) return null;
  return known.find(({ name }) => names.some((one) => typeof one === 'string' && name.test(one))) ?? null;
}

function portOf(service: JsonRecord, { ports }: Known): number | null {
  const offered = records(record(service['spec'])['ports']).filter(
    (port) => (text(port['protocol']) ?? 'TCP') === 'TCP' && typeof port['port'] === 'number',
  );
  const chosen =
    ports
      .map((wanted) => offered.find((port) => port['port'] === wanted || port['name'] === wanted))
      .find((port) => port !== undefined) ?? (offered.length === 1 ? offered[0] : undefined);
  return typeof chosen?.['port'] === 'number' ? chosen['port'] : null;
}

/** Headless Services have none. */
function addressesOf(service: JsonRecord): readonly string[] {
  const ip = text(record(service['spec'])['clusterIP']);
  if (ip === null || ip === 'None') return [];
  return [ip.includes(':') ? `[${ip}]` : ip];
}
