import { Cluster } from 'ioredis';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { closeRedis, connectRedis, redisReady } from '../../../src/adapters/redis/connection.ts';
import { clusterTag } from '../../../src/adapters/redis/keys.ts';
import type { RedisClient } from '../../../src/adapters/redis/redis-client.ts';
import type { Entry, Loaded, Request } from '../../../src/core/incident/incident.ts';
import type { Kill } from '../../../src/core/kill/kill.ts';
import { placeSchema } from '../../../src/core/talk/place.ts';
import type { Change } from '../../../src/flow/needs.ts';
import type { Posting } from '../../../src/flow/show/needs.ts';
import { newPosting } from '../../../src/flow/show/turn.ts';
import { openTestRedis, uniqueCluster, type TestRedis } from '../../redis.ts';

/** A connection for the whole file and a cluster name per test, whose keys are deleted after it. */
export interface Bench {
  readonly redis: () => RedisClient;
  readonly url: () => string;
  readonly cluster: () => string;
}

export function useRedis(): Bench {
  let server: TestRedis;
  let redis: RedisClient;
  let clusters: string[] = [];
  beforeAll(async () => {
    server = await openTestRedis();
    redis = connectRedis(server.url, { role: 'store', onError: ignore });
    await redisReady(redis, 60_000);
  });
  afterEach(async () => {
    for (const cluster of clusters) {
      const keys = await keysBelow(redis, clusterTag(cluster));
      if (keys.length > 0) await redis.del(...keys);
    }
    clusters = [];
  });
  afterAll(async () => {
    await closeRedis(redis);
    await server.stop();
  });
  return {
    redis: () => redis,
    url: () => server.url,
    cluster: () => {
      const cluster = uniqueCluster();
      clusters.push(cluster);
      return cluster;
    },
  };
}

/** A first message that is about to be sent. */
/** Of an incident whose root somebody has begun to post. */
export const claim: Posting = { ...newPosting('C1'), claims: { root: 1 } };

/** A root that shows so much. */
export function shownAs(shown: Partial<Posting> = {}): Posting {
  return { ...newPosting('C1'), root: placeSchema.parse('C1/1.1'), ...shown };
}

export const ignore = (): void => undefined;

/** Keys that begin so, from every server that there is. */
export async function keysBelow(redis: RedisClient, prefix: string): Promise<string[]> {
  const servers = redis instanceof Cluster ? redis.nodes('master') : [redis];
  return (await Promise.all(servers.map((server) => server.keys(`${prefix}*`)))).flat();
}

const born = Date.parse('2026-11-24T10:00:00Z');

/** The nth kill of `workload`, ten seconds apart. */
export function kill(cluster: string, n: number, changes: Partial<Kill> & { readonly workload?: string } = {}): Kill {
  const { workload = 'checkout', ...rest } = changes;
  return {
    fingerprint: `${cluster}|${workload}|${n}`,
    subject: { cluster, namespace: 'shop', workload: { kind: 'Deployment', name: workload }, container: 'app' },
    kind: 'container',
    suspect: false,
    pod: `${workload}-7d4b9-x2x4z`,
    podUid: '6a1f',
    podCreatedAt: null,
    containerType: 'container',
    containerId: `containerd://${n}`,
    exitCode: 137,
    reason: 'OOMKilled',
    message: null,
    startedAt: null,
    finishedAt: new Date(born + n * 10_000).toISOString(),
    restartCount: n,
    limitBytes: 256 * 2 ** 20,
    limitInForceBytes: 256 * 2 ** 20,
    requestBytes: 128 * 2 ** 20,
    node: 'node-1',
    qosClass: 'Burstable',
    image: 'shop:1.4',
    revision: '7d4b9',
    labels: { app: workload },
    startedBeforeWatch: false,
    away: null,
    seenAt: born + n * 10_000 + 400,
    ...rest,
  };
}

export function killTime(n: number): number {
  return born + n * 10_000;
}

export function entry(text: string): Entry {
  return {
    at: born,
    audience: { to: 'thread' },
    kind: 'audit',
    text,
    people: [],
    pre: null,
    broadcast: false,
    chart: null,
  };
}

export function request(incident: string, id: string, at = born): Request {
  return { id, incident, action: 'acknowledge', plan: null, by: 'U1', at, groups: [], value: null, silence: null };
}

/** A change of nothing but what is given. */
export function change(loaded: Loaded, changes: Partial<Change>): Change {
  return { incident: loaded.incident, entries: [], audit: [], decided: [], dueAt: null, ...changes };
}

export function closing(loaded: Loaded): Change {
  return change(loaded, {
    incident: { ...loaded.incident, state: { is: 'closed', outcome: 'quiet', at: born } },
    entries: [entry('closed')],
  });
}

/** The id of an incident that must have been opened or joined. */
export function idOf(admission: { readonly is: string; readonly incident?: string }): string {
  if (admission.incident === undefined) throw new Error(`the kill was ${admission.is}`);
  return admission.incident;
}
