import { createHandClock } from '../../../sandbox/hand-clock.ts';
import { startApiServer } from '../../../sandbox/kubernetes/server/api-server.ts';
import { createCluster } from '../../../sandbox/kubernetes/cluster/cluster.ts';
import { createObjectStore } from '../../../sandbox/kubernetes/objects/memory-object-store.ts';
import type { NewObject } from '../../../sandbox/kubernetes/objects/object-store.ts';
import { seededRandom } from '../../../sandbox/scenario/scenario-seed.ts';
import { differences } from './compare-exchange.ts';
import { partOf } from './kube-object.ts';
import type { Replayed } from './replay-transcript.ts';
import { openRequest, readText, send } from './start-server.ts';
import type { Exchange } from './transcript.ts';

/**
 * Sends the exchanges of one file to a living cluster, each at the moment at which it was recorded, with kubelet and
 * controllers at work, and compares each answer. Of a watch it counts what was written while the recorder had it open.
 */
export async function replayLiving(
  exchanges: readonly Exchange[],
  before: readonly NewObject[],
): Promise<readonly Replayed[]> {
  const clock = createHandClock();
  const store = createObjectStore(clock);
  const nodes = [{ name: 'lab-node-1', allocatableBytes: 24 * 2 ** 30, ip: '192.0.2.2' }];
  const cluster = createCluster({ store, clock, random: seededRandom(3), nodes });
  const server = await startApiServer({ store, clock, kubelet: cluster.kubelet, log: () => undefined });
  cluster.apply(before);
  await clock.advance(startMs);
  const inTurn = exchanges
    .map((exchange) => ({ at: Date.parse(exchange.at), exchange }))
    .toSorted((a, b) => a.at - b.at);
  const results = new Map<string, readonly string[]>();
  const watches: Promise<void>[] = [];
  let now = inTurn[0]?.at ?? 0;
  for (const { at, exchange } of inTurn) {
    const { name, request, response } = exchange;
    await clock.advance(at - now);
    now = at;
    const wanted = {
      method: request.method,
      path: request.path.replace(/(?<=resourceVersion=)\d+/, () => String(store.resourceVersion())),
      headers: request.headers,
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    };
    if (response.lines === undefined) {
      results.set(name, differences(response, await send(server, wanted)));
      continue;
    }
    const open = await openRequest(server, wanted);
    let last = Infinity;
    clock.after(response.openMs ?? 0, () => {
      last = store.resourceVersion();
    });
    watches.push(
      readText(open).then((text) => {
        const seen = text.split('\n').filter((line) => line !== '' && versionIn(line) <= last);
        const answer = { status: open.statusCode ?? 0, headers: open.headers, text: seen.join('\n') };
        results.set(name, differences(response, answer));
      }),
    );
  }
  await clock.advance(longestWatchMs);
  await Promise.all(watches);
  await server.close();
  cluster.close();
  return exchanges.map(({ name }) => ({ name, differences: results.get(name) ?? ['no answer'] }));
}

/** What was there before runs by then. */
const startMs = 5000;
const longestWatchMs = 200_000;

function versionIn(line: string): number {
  return Number(partOf(JSON.parse(line), 'object', 'metadata', 'resourceVersion'));
}
