import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort, sentinelFile, startRedis } from './redis.mjs';
import type { RunningRedis } from './redis.mjs';
import { eventually } from '../../test/eventually.ts';

/** Redis as several processes. */
export interface Topology {
  /** For REDIS_URL. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** A primary, its replica, and a sentinel that decides alone. */
export interface SentinelTopology extends Topology {
  /** SIGKILL for the primary, or SIGSTOP: then its connections stay open and nothing answers. Once only. */
  readonly losePrimary: (signal: 'SIGKILL' | 'SIGSTOP') => void;
  /**
   * SIGKILL for the primary; resolves when the replica has taken its place and has a replica itself. As often as wanted.
   */
  readonly failOver: () => Promise<void>;
  /** Sentinel makes the replica the primary although nothing is lost; resolves when it is. */
  readonly changeAbout: () => Promise<void>;
  /** While it is stopped the replica takes nothing. */
  readonly signalReplica: (signal: 'SIGSTOP' | 'SIGCONT') => void;
  /** Ends the sentinel, and after so many ms starts it with what it knew. */
  readonly restartSentinel: (downMs: number) => Promise<void>;
  /** Waits until the replica has all that the primary had when it was asked. */
  readonly inSync: () => Promise<void>;
}

const own = { own: true, log: () => undefined };
const primaryName = 'mymaster';
const allSlots = 16_384;

export async function startSentinel({
  downAfterMs = 500,
}: { readonly downAfterMs?: number } = {}): Promise<SentinelTopology> {
  const running: RunningRedis[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'oomkeeper-sentinel-'));
  let hanging: number | null = null;
  const stop = async (): Promise<void> => {
    // It would not even hear that it is to end.
    if (hanging !== null) process.kill(hanging, 'SIGKILL');
    hanging = null;
    await stopAll(running);
    await rm(folder, { recursive: true, force: true });
  };
  const start = async (options: Parameters<typeof startRedis>[0]): Promise<RunningRedis> => {
    const one = await startRedis({ ...own, ...options });
    running.push(one);
    return one;
  };
  const isPrimary = { 'repl-diskless-sync-delay': '0' };
  const startReplica = (of: RunningRedis, at: { readonly port?: number } = {}): Promise<RunningRedis> =>
    start({ ...at, settings: { ...isPrimary, replicaof: `127.0.0.1 ${portOf(of)}` } });
  try {
    let primary = await start({ settings: isPrimary });
    let replica = await startReplica(primary);
    const inSync = (): Promise<void> =>
      eventually(async () => {
        // A primary that did not answer in time: Sentinel has changed them about by itself.
        if (await leads(replica)) [primary, replica] = [replica, primary];
        await needSync(primary, replica);
      });
    await inSync();
    // It asks the primary for its replicas when it starts, and then only every ten seconds.
    let sentinel = await start({
      dir: folder,
      sentinel: [
        `sentinel monitor ${primaryName} 127.0.0.1 ${portOf(primary)} 1`,
        `sentinel down-after-milliseconds ${primaryName} ${downAfterMs}`,
        `sentinel failover-timeout ${primaryName} 3000`,
      ],
    });
    await need(() => knowsReplica(sentinel), 'the sentinel did not find the replica');
    return {
      url: `redis+sentinel://127.0.0.1:${await freePort()},127.0.0.1:${portOf(sentinel)}/${primaryName}`,
      inSync,
      changeAbout: async () => {
        // It refuses while it has not heard enough of the replica.
        const begin = (): Promise<unknown> => ask(sentinel, (redis) => redis.call('SENTINEL', 'failover', primaryName));
        await need(async () => (await begin().catch(() => null)) === 'OK', 'the sentinel refused a fail-over');
        await need(() => leads(replica), 'the replica did not take over');
      },
      signalReplica: (signal) => void process.kill(replica.pid ?? 0, signal),
      restartSentinel: async (downMs) => {
        const known = (await readFile(join(folder, sentinelFile), 'utf8')).split('\n');
        await sentinel.stop();
        running.splice(running.indexOf(sentinel), 1);
        await delay(downMs);
        sentinel = await start({ dir: folder, port: portOf(sentinel), sentinel: known });
      },
      losePrimary: (signal) => {
        process.kill(primary.pid ?? 0, signal);
        if (signal === 'SIGSTOP') hanging = primary.pid;
      },
      failOver: async () => {
        const lost = primary;
        process.kill(lost.pid ?? 0, 'SIGKILL');
        await lost.stop();
        running.splice(running.indexOf(lost), 1);
        await need(() => leads(replica), 'the replica did not take over');
        primary = replica;
        replica = await startReplica(primary, { port: portOf(lost) });
        await inSync();
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Three primaries that share the slots, without replicas. */
export async function startCluster(): Promise<Topology> {
  const nodes: (RunningRedis & { readonly bus: number })[] = [];
  const stop = () => stopAll(nodes);
  try {
    await Promise.all(
      Array.from({ length: 3 }, async () => {
        const bus = await freePort();
        const settings = { 'cluster-enabled': 'yes', 'cluster-port': String(bus), 'cluster-node-timeout': '2000' };
        nodes.push({ ...(await startRedis({ ...own, settings })), bus });
      }),
    );
    const share = Math.ceil(allSlots / nodes.length);
    for (const [at, node] of nodes.entries()) {
      await ask(node, async (redis) => {
        await redis.call('CLUSTER', 'SET-CONFIG-EPOCH', at + 1);
        await redis.call('CLUSTER', 'ADDSLOTSRANGE', at * share, Math.min((at + 1) * share, allSlots) - 1);
      });
    }
    const [first, ...others] = nodes;
    if (first === undefined) throw new Error('no node was started');
    await ask(first, async (redis) => {
      for (const { url, bus } of others) await redis.call('CLUSTER', 'MEET', '127.0.0.1', portOf({ url }), bus);
    });
    for (const node of nodes) await need(() => isWhole(node, nodes.length), 'the cluster did not come together');
    return { url: `redis+cluster://${nodes.map((node) => `127.0.0.1:${portOf(node)}`).join(',')}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function portOf({ url }: { readonly url: string }): number {
  return Number(new URL(url).port);
}

async function stopAll(running: RunningRedis[]): Promise<void> {
  await Promise.all(running.splice(0).map((one) => one.stop()));
}

async function ask<T>({ url }: { readonly url: string }, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

/** One after the other: asked at once, a primary that is written to is always a little ahead. */
/** Throws while the replica lacks something, with how far both are. */
async function needSync(primary: RunningRedis, replica: RunningRedis): Promise<void> {
  const first = await ask(primary, (redis) => redis.info('replication'));
  const second = await ask(replica, (redis) => redis.info('replication'));
  const isLinked = second.includes('master_link_status:up') && first.includes('state=online');
  const sent = Number(/^master_repl_offset:(\d+)/m.exec(first)?.[1]);
  const taken = Number(/^slave_repl_offset:(\d+)/m.exec(second)?.[1]);
  if (!isLinked) throw new Error(`the replica is not linked:\n${first}\n${second}`);
  if (taken < sent) throw new Error(`the replica has ${taken} of ${sent}`);
}

async function leads(one: RunningRedis): Promise<boolean> {
  return (await ask(one, (redis) => redis.info('replication'))).includes('role:master');
}

async function knowsReplica(sentinel: RunningRedis): Promise<boolean> {
  const replicas = await ask(sentinel, (redis) => redis.call('SENTINEL', 'replicas', primaryName));
  return Array.isArray(replicas) && replicas.length === 1;
}

async function isWhole(node: RunningRedis, size: number): Promise<boolean> {
  const info = String(await ask(node, (redis) => redis.call('CLUSTER', 'INFO')));
  return info.includes('cluster_state:ok') && info.includes(`cluster_size:${size}`);
}

async function need(isSo: () => Promise<boolean>, otherwise: string): Promise<void> {
  await eventually(async () => {
    if (!(await isSo())) throw new Error(otherwise);
  });
}
