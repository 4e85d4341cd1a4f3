import { Failure } from '../../../core/failure.ts';
import { record, records, text, whole } from '../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../core/kill/json-read.ts';
import { readOomCount } from '../../../core/kill/oom-count.ts';
import type { OomCount } from '../../../core/kill/oom-count.ts';
import { listWhole } from '../transport/list-pages.ts';
import type { Transport } from '../transport/transport.ts';

/*
 * The kubelets' own counters, for clusters without a Prometheus: `/metrics/cadvisor` of each node, which needs only the
 * right `get nodes/metrics`. Never through the API server's proxy, whose right allows executing in any container.
 */

const metric = 'container_oom_events_total{';
const sample = /^container_oom_events_total\{(.*)\} ([0-9.e+]+)/;
const label = /(?<!\w)(\w+)="((?:[^"\\]|\\.)*)"/g;
/** A node's answer is several megabytes: so many are in memory at one time. */
const atOnce = 5;
const usualPort = 10250;

export interface KubeletOptions {
  /** Empty = all. */
  readonly namespaces: readonly string[];
  /** ms for each node. */
  readonly deadlineMs: number;
  readonly now: number;
}

/**
 * Counters above 0 of all nodes that answer, and a sentence for each that does not.
 * @throws Failure when the nodes cannot be listed
 */
export async function readKubeletCounts(
  transport: Transport,
  options: KubeletOptions,
): Promise<{ readonly counts: readonly OomCount[]; readonly problems: readonly string[] }> {
  const addresses: string[] = [];
  await listWhole(transport, { path: '/api/v1/nodes', endsAt: Date.now() + options.deadlineMs }, (node) => {
    const address = addressOf(node);
    if (address !== null) addresses.push(address);
  });
  const counts: OomCount[] = [];
  const problems: string[] = [];
  const waiting = addresses.values();
  const readNext = async (): Promise<void> => {
    for (const address of waiting) {
      try {
        counts.push(...(await readOne(await transport.at(address), options)));
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        problems.push(error.message);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, readNext));
  return { counts, problems };
}

async function readOne(
  kubelet: Transport,
  { namespaces, deadlineMs, now }: KubeletOptions,
): Promise<readonly OomCount[]> {
  const { status, body } = await kubelet.send({ path: '/metrics/cadvisor', accept: 'text/plain', deadlineMs });
  if (status !== 200)
    throw new Failure('kubelet-refused', `The kubelet at ${kubelet.server} answered ${status}: ${meaning(status)}`);
  return countsIn(body, now).filter(({ namespace }) => namespaces.length === 0 || namespaces.includes(namespace));
}

function meaning(status: number): string {
  return status === 401 || status === 403 ? 'the worker needs the right get on nodes/metrics' : 'it has no counters';
}

/** Counters above 0 in a scrape's text. Pure. */
export function countsIn(scrape: string, now: number): readonly OomCount[] {
  const counts: OomCount[] = [];
  for (let at = scrape.indexOf(metric); at !== -1; at = scrape.indexOf(metric, at + 1)) {
    const end = scrape.indexOf('\n', at);
    const [, labels = '', value = ''] = sample.exec(scrape.slice(at, end === -1 ? undefined : end)) ?? [];
    if (Number(value) <= 0) continue;
    const named = Object.fromEntries([...labels.matchAll(label)].map(([, name = '', of = '']) => [name, of]));
    const count = readOomCount(named, Number(value), now);
    if (count !== null) counts.push(count);
  }
  return counts;
}

/** The address of a node's kubelet; null if the node does not say. */
function addressOf(node: JsonRecord): string | null {
  const status = record(node['status']);
  const addresses = records(status['addresses']);
  const address = text((addresses.find(({ type }) => type === 'InternalIP') ?? addresses[0])?.['address']);
  const port = whole(record(record(status['daemonEndpoints'])['kubeletEndpoint'])['Port']) ?? usualPort;
  if (address === null) return null;
  return `https://${address.includes(':') ? `[${address}]` : address}:${port}`;
}
