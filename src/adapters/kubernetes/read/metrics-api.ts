import type { UsageSeries } from '../../../core/evidence/usage-now.ts';
import { Failure } from '../../../core/failure.ts';
import { createJsonItems } from '../../../core/json-items.ts';
import { record, records, text, timeMs } from '../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../core/kill/json-read.ts';
import { parseBytes } from '../../../core/units/quantity.ts';
import type { Transport } from '../transport/transport.ts';

const base = '/apis/metrics.k8s.io/v1beta1';

/** The usage of 150 000 pods has some 90 MB. */
const mostBytes = 128 * 2 ** 20;
/** A pod in it has some 600 bytes. */
const mostPodBytes = 64 * 1024;
/** Of all pods. */
const mostContainers = 200_000;

/** What the API server says when metrics.k8s.io cannot be read, and what a person can do about it. */
const meanings: Readonly<Record<string, string>> = {
  'cluster-not-found':
    'metrics.k8s.io is not served in this cluster; install metrics-server, or set OOMKEEPER_PROMETHEUS_URL',
  'cluster-forbidden':
    'the worker may not read metrics.k8s.io; grant it get and list on pods of the group metrics.k8s.io',
  'cluster-failed': 'metrics.k8s.io is registered but does not answer; see that metrics-server runs',
};

/**
 * What all containers use now, by metrics.k8s.io: one point each, with the time at which metrics-server measured it. Of
 * the given namespaces, or all. Unreadable rows are left out.
 * @throws Failure `no-metrics-api` with what to do, or what keeps the API server from answering
 */
export async function readMetrics(
  transport: Transport,
  namespaces: readonly string[],
  deadlineMs: number,
): Promise<readonly UsageSeries[]> {
  const paths =
    namespaces.length === 0
      ? [`${base}/pods`]
      : namespaces.map((namespace) => `${base}/namespaces/${encodeURIComponent(namespace)}/pods`);
  try {
    const found: UsageSeries[] = [];
    await Promise.all(paths.map((path) => readList(transport, { path, deadlineMs }, found)));
    return found;
  } catch (error) {
    const meaning = error instanceof Failure ? meanings[error.code] : undefined;
    throw meaning === undefined ? error : new Failure('no-metrics-api', meaning, { retry: 'backoff', cause: error });
  }
}

/** It has no pages, so each pod is taken out of the answer as it arrives. */
async function readList(
  transport: Transport,
  call: { readonly path: string; readonly deadlineMs: number },
  found: UsageSeries[],
): Promise<void> {
  const take = (pod: unknown): void => {
    const series = seriesOf(record(pod));
    if (found.length + series.length > mostContainers) throw unreadable(`more than ${mostContainers} containers`);
    found.push(...series);
  };
  const pods = createJsonItems({ within: '{[', mostItemBytes: mostPodBytes, take });
  await transport.stream({ ...call, mostBytes }, pods.push);
  if (pods.end() === null) throw unreadable('something that is no list');
}

function unreadable(what: string): Failure {
  return new Failure('cluster-answer', `metrics.k8s.io answered with ${what}.`, { retry: 'backoff' });
}

function seriesOf(pod: JsonRecord): readonly UsageSeries[] {
  const metadata = record(pod['metadata']);
  const [namespace, name, t] = [text(metadata['namespace']), text(metadata['name']), timeMs(pod['timestamp'])];
  if (namespace === null || name === null || t === null) return [];
  return records(pod['containers']).flatMap((one) => {
    const container = text(one['name']);
    const bytes = bytesOf(record(one['usage'])['memory']);
    if (container === null || bytes === null || bytes <= 0) return [];
    return [{ namespace, pod: name, container, hex: null, points: [{ t, bytes }] }];
  });
}

function bytesOf(quantity: unknown): number | null {
  if (typeof quantity !== 'string') return null;
  try {
    return parseBytes(quantity);
  } catch {
    return null;
  }
}
