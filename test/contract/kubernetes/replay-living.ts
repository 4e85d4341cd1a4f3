import { z } from 'zod';

import { createHandClock } from '../../../sandbox/hand-clock.ts';
import { startApiServer } from '../../../sandbox/kubernetes/server/api-server.ts';
import { createCluster } from '../../../sandbox/kubernetes/cluster/cluster.ts';
import { createObjectStore } from '../../../sandbox/kubernetes/objects/memory-object-store.ts';
import { seededRandom } from '../../../sandbox/scenario/scenario-seed.ts';
import { differences } from './compare-exchange.ts';
import type { Replayed } from './replay-transcript.ts';
import { send } from './start-server.ts';
import type { Exchange } from './transcript.ts';

/**
 * Sends the exchanges of one file to a living cluster, each at the moment at which it was recorded, with kubelet and
 * controllers at work, and compares each answer. What somebody created by then is put into the cluster.
 */
export async function replayLiving(exchanges: readonly Exchange[]): Promise<readonly Replayed[]> {
  const clock = createHandClock();
  const store = createObjectStore(clock);
  const nodes = [{ name: 'lab-node-1', allocatableBytes: 24 * 2 ** 30, ip: '192.0.2.2' }];
  const cluster = createCluster({ store, clock, random: seededRandom(3), nodes });
  const server = await startApiServer({ store, clock, kubelet: cluster.kubelet, log: () => undefined });
  const inTurn = exchanges
    .map((exchange) => ({ at: Date.parse(exchange.at), exchange }))
    .toSorted((a, b) => a.at - b.at);
  const results = new Map<string, readonly string[]>();
  let now = inTurn[0]?.at ?? 0;
  for (const { at, exchange } of inTurn) {
    const { name, request, response } = exchange;
    await clock.advance(at - now);
    now = at;
    if (request.method === 'POST') {
      cluster.apply([createdSchema.parse(request.body)]);
      continue;
    }
    const { method, path, headers, body } = request;
    const answer = await send(server, {
      method,
      path,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    results.set(name, differences(response, answer));
  }
  await server.close();
  cluster.close();
  return exchanges.flatMap(({ name }) => {
    const found = results.get(name);
    return found === undefined ? [] : [{ name, differences: found }];
  });
}

/** As it was sent, with the namespace that the path named. */
const createdSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }).transform((metadata) => ({ ...metadata, namespace: 'tr-rollout2' })),
});
