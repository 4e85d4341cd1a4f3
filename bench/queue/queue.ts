import { Queue, Worker } from 'bullmq';
import { closeRedis, connectRedis, redisReady } from '../../src/adapters/redis/connection.ts';
import { createKillQueue, runKillWorker } from '../../src/adapters/redis/queues/kills.ts';
import type { RedisRole } from '../../src/adapters/redis/connection.ts';
import type { RedisClient } from '../../src/adapters/redis/redis-client.ts';
import type { Kill } from '../../src/core/kill/kill.ts';
import { startRedis } from '../../scripts/redis/redis.mjs';
import type { Benchmark, BenchContext, Size } from '../benchmark.ts';
import { circumstances, throughputBeside, timesBeside } from '../report.ts';
import { someKill } from './some-kill.ts';

/** At most so many hops, and then so many rounds of so many jobs; neither is begun after so many ms. */
interface Amount {
  readonly hops: number;
  readonly rounds: number;
  readonly jobs: number;
  readonly forMs: number;
}

const amounts: Readonly<Record<Size, Amount>> = {
  small: { hops: 20, rounds: 3, jobs: 100, forMs: Infinity },
  default: { hops: 1_000, rounds: 9, jobs: 2_000, forMs: 5_000 },
  full: { hops: 10_000, rounds: 25, jobs: 5_000, forMs: Infinity },
};

/** As in src/app/worker.ts. */
const concurrency = 20;
const lockDuration = 30_000;
const stalledInterval = 15_000;
const deadlineMs = 10_000;
/** Adds under way at a time: a chunk of a watch may hold so many kills. */
const adding = 50;

/** One way to get a kill from one process to another. */
interface Lane {
  readonly add: (kill: Kill) => Promise<void>;
  /** Called with each kill that arrives. */
  arrived: (kill: Pick<Kill, 'fingerprint'>) => void;
}

/** Our queue of kills with its worker, and BullMQ's own with the same options, over one Redis. */
export const queue: Benchmark = {
  name: 'queue',
  about: 'our queue of kills with its worker, against bare BullMQ: jobs a second, and one hop',
  run: async (context) => {
    const { hops, rounds, jobs, forMs } = amounts[context.size];
    const redis = await startRedis({ own: true, appendonly: true, log: () => undefined });
    context.onStop(() => redis.stop());
    const open = async (role: RedisRole): Promise<RedisClient> => {
      const connection = connectRedis(redis.url, { role, onError: (failure) => context.say(failure.message) });
      context.onStop(() => closeRedis(connection));
      await redisReady(connection, deadlineMs);
      return connection;
    };
    const ours = openOurs(await open('producer'), await open('worker'), context);
    const bare = openBare(await open('producer'), await open('worker'), context);
    for (const lane of [ours, bare, ours, bare]) await throughput(lane, jobs / 4);
    context.say('one hop at a time');
    const hopsOf = { ours: new Array<number>(), bare: new Array<number>() };
    const over = performance.now() + forMs;
    for (let n = 0; n < hops && performance.now() < over; n += 1) {
      hopsOf.ours.push(await hop(ours, n));
      hopsOf.bare.push(await hop(bare, n));
    }
    context.say(`rounds of ${jobs} jobs of each`);
    const rates = { ours: new Array<number>(), bare: new Array<number>() };
    const roundsOver = performance.now() + forMs;
    for (let round = 0; round < rounds && performance.now() < roundsOver; round += 1) {
      rates.ours.push(await throughput(ours, jobs));
      rates.bare.push(await throughput(bare, jobs));
    }
    return {
      bench: 'queue',
      n: rates.ours.length * jobs,
      ...throughputBeside(rates.ours, rates.bare),
      unit: 'jobs/s',
      peers: { hop: { n: hopsOf.ours.length, ...timesBeside(hopsOf.ours, hopsOf.bare), unit: 'ms' } },
      ...circumstances(),
    };
  },
};

function openOurs(producer: RedisClient, worker: RedisClient, { onStop, say }: BenchContext): Lane {
  const cluster = 'bench';
  const kills = createKillQueue({ redis: producer, cluster });
  const lane: Lane = { add: async (kill) => kills.add(kill, deadlineMs), arrived: () => undefined };
  const running = runKillWorker({
    redis: worker,
    cluster,
    concurrency,
    lockDuration,
    stalledInterval,
    onError: (failure) => say(failure.message),
    handle: async (kill) => lane.arrived(kill),
  });
  onStop(kills.close);
  onStop(async () => running.close());
  return lane;
}

/** The options of src/adapters/redis/queues/queue.ts and queue-worker.ts, and nothing of ours. */
function openBare(producer: RedisClient, worker: RedisClient, { onStop }: BenchContext): Lane {
  const prefix = '{bench-bare}';
  const kills = new Queue<{ schema: 1; kill: Kill }>('kills', { connection: producer, prefix });
  const lane: Lane = {
    add: async (kill) => {
      await kills.add(
        'kills',
        { schema: 1, kill },
        {
          removeOnComplete: true,
          removeOnFail: true,
          stackTraceLimit: 1,
          attempts: 1_000_000_000,
          backoff: { type: 'kills' },
        },
      );
    },
    arrived: () => undefined,
  };
  const running = new Worker<{ schema: 1; kill: Kill }>('kills', async ({ data }) => lane.arrived(data.kill), {
    connection: worker,
    prefix,
    concurrency,
    lockDuration,
    stalledInterval,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
    maxStalledCount: 1_000_000,
    runRetryDelay: 1_000,
    settings: { backoffStrategy: () => 500 },
  });
  onStop(async () => kills.close());
  onStop(async () => running.close());
  return lane;
}

/** ms from adding a kill to an empty queue to its arrival in the worker. */
async function hop(lane: Lane, n: number): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const addedAt = performance.now();
  lane.arrived = () => resolve(performance.now() - addedAt);
  await lane.add(someKill(n));
  return promise;
}

/** So many jobs through the queue, adding and handling at a time; jobs a second from the first add to the last arrival. */
async function throughput(lane: Lane, jobs: number): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let arrivals = 0;
  lane.arrived = () => {
    arrivals += 1;
    if (arrivals === jobs) resolve();
  };
  const startedAt = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: adding }, async () => {
      while (next < jobs) {
        next += 1;
        await lane.add(someKill(next));
      }
    }),
  );
  await promise;
  return (jobs * 1_000) / (performance.now() - startedAt);
}
