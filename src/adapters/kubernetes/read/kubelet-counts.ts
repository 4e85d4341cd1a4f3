import { Failure } from '../../../core/failure.ts';
import { record, records, text, whole } from '../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../core/kill/json-read.ts';
import { readOomCount } from '../../../core/kill/oom-count.ts';
import type { OomCount } from '../../../core/kill/oom-count.ts';
import { ownCopy } from '../../../core/own-copy.ts';
import { listWhole } from '../transport/list-pages.ts';
import type { Transport } from '../transport/transport.ts';
import { createLineFinder } from './find-lines.ts';
import type { LineFinder } from './find-lines.ts';

/*
 * The kubelets' own counters, for clusters without a Prometheus: `/metrics/cadvisor` of each node, which needs only the
 * right `get nodes/metrics`. Never through the API server's proxy, whose right allows executing in any container.
 *
 * A node's answer is several megabytes, and a node that somebody has taken over may answer anything. It is read line by
 * line, and only counters above 0 are kept of it, so that 200 nodes take no more memory than one.
 */

const metric = 'container_oom_events_total{';
const sample = /^container_oom_events_total\{(.*)\} ([0-9.e+]+)/;
const label = /(?<!\w)(\w+)="((?:[^"\\]|\\.)*)"/g;
/** What tells a container's run. */
const wanted = new Set(['namespace', 'pod', 'container', 'id', 'name']);
/** So many nodes are read at one time. */
const atOnce = 5;
const usualPort = 10250;
/** A node with 500 pods answers with some 25 MB. */
const mostScrapeBytes = 64 * 2 ** 20;
/** A node runs 250 containers or, for a while after restarts, counts of some more. */
const mostOfNode = 1_000;
/** Of all nodes together. */
const mostCounts = 10_000;

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
        const found = await readOne(await transport.at(address), options);
        if (counts.length + found.length > mostCounts)
          problems.push(`The kubelet at ${address} was left out: there are more than ${mostCounts} counters above 0`);
        else counts.push(...found);
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
  const counts: OomCount[] = [];
  const lines = createCountFinder(now, (count) => {
    if (namespaces.length > 0 && !namespaces.includes(count.namespace)) return;
    if (counts.length >= mostOfNode)
      throw new Failure('kubelet-refused', `it has more than ${mostOfNode} counters above 0`);
    counts.push(count);
  });
  try {
    const call = { path: '/metrics/cadvisor', accept: 'text/plain', deadlineMs, mostBytes: mostScrapeBytes };
    await kubelet.stream(call, lines.push);
    lines.end();
    return counts;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(
      'kubelet-refused',
      `The kubelet at ${kubelet.server} could not be read: ${meanings[error.code] ?? error.message}`,
      {
        cause: error,
      },
    );
  }
}

const meanings: Readonly<Record<string, string>> = {
  'cluster-unauthorized': 'the worker needs the right get on nodes/metrics (401)',
  'cluster-forbidden': 'the worker needs the right get on nodes/metrics (403)',
  'cluster-not-found': 'it has no counters (404)',
  'cluster-redirect': 'it redirects, which is not followed',
  'cluster-answer-long': `its answer is longer than ${mostScrapeBytes / 2 ** 20} MiB`,
  'cluster-slow': 'it did not answer in time',
};

/** Hands on the counters above 0 of a scrape, whose bytes are pushed as they arrive. */
export function createCountFinder(now: number, take: (count: OomCount) => void): LineFinder {
  return createLineFinder(metric, (line) => {
    const count = countIn(line, now);
    if (count !== null) take(count);
  });
}

function countIn(line: string, now: number): OomCount | null {
  const [, labels = '', value = ''] = sample.exec(line) ?? [];
  if (!(Number(value) > 0)) return null;
  const named = Object.fromEntries(
    [...labels.matchAll(label)].flatMap(([, name = '', of = '']) => (wanted.has(name) ? [[name, ownCopy(of)]] : [])),
  );
  return readOomCount(named, Number(value), now);
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
