import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { makeImageProgram } from '../../scripts/image-program.ts';
import { projectRoot } from '../../scripts/project.mjs';
import { startRedis } from '../../scripts/redis/redis.mjs';
import { startProcess, temporaryFolder } from '../../scripts/system.ts';
import type { Benchmark, BenchContext, Size } from '../benchmark.ts';
import { cpuCountSeconds, cpuSeconds } from '../cpu-seconds.ts';
import { circumstances, residentBytes, throughputBeside } from '../report.ts';
import { until } from '../../test/eventually.ts';
import { retainedBytes } from './retained.ts';

interface Amount {
  /** Clusters of so many pods; the first one is also read by floor and informer. */
  readonly pods: readonly number[];
  /** Changes in one round. */
  readonly churn: number;
  readonly rounds: number;
}

const amounts: Readonly<Record<Size, Amount>> = {
  small: { pods: [200], churn: 300, rounds: 1 },
  default: { pods: [10_000], churn: 10_000, rounds: 3 },
  full: { pods: [10_000, 50_000, 150_000], churn: 20_000, rounds: 5 },
};

const podsServer = fileURLToPath(new URL('pods-server.ts', import.meta.url));
const readerProcess = fileURLToPath(new URL('reader-process.ts', import.meta.url));

/** Someone who reads the stream. */
interface Reader {
  readonly pid: number;
  /** Resolves when it has come to the marker behind the changes. */
  readonly marker: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** What one reader needed. */
interface Read {
  /** Changes per second of its CPU, one for each round. */
  readonly rates: readonly number[];
  readonly rssBytes: number;
}

/**
 * The watcher, a loop that only reads and finds line ends, and the client's informer, one after the other on the same
 * changes. A rate is per second of CPU of the reading process, all its threads: the server shares the machine, and would
 * make a fast reader look as slow as itself.
 */
export const watch: Benchmark = {
  name: 'watch',
  about: 'the watcher reading many pods under churn, against reading and line ends alone, and against an informer',
  run: async (context) => {
    const { pods: sizes, churn, rounds } = amounts[context.size];
    const redis = await startRedis({ own: true, log: () => undefined });
    context.onStop(() => redis.stop());
    const folder = await temporaryFolder();
    context.onStop(folder.remove);
    const program = await makeImageProgram(folder.path, join(projectRoot, 'node_modules'));
    const ours = (server: Server) =>
      startWatcher(server, { redisUrl: redis.url, folder: folder.path, program }, context);

    context.say('a watcher without pods');
    const none = await measure(0, ours, { churn: 0, rounds: 0 }, context, true);
    const read: (Read & { readonly pods: number; readonly retained: number })[] = [];
    for (const pods of sizes) {
      context.say(`the watcher with ${pods} pods`);
      read.push({ pods, ...(await measure(pods, ours, { churn, rounds }, context, true)) });
    }
    const [first] = read;
    if (first === undefined) throw new Error('no size');
    context.say('only reading, and finding line ends');
    const floor = await measure(
      first.pods,
      (server) => startReader('floor', server, context),
      { churn, rounds },
      context,
    );
    context.say("the client's informer");
    const informerChurn = { churn: Math.min(churn, 10_000), rounds: 1 };
    const informer = await measure(
      first.pods,
      (server) => startReader('informer', server, context),
      informerChurn,
      context,
    );
    const perPod = (one: (typeof read)[number]): number => Math.round((one.retained - none.retained) / one.pods);
    return {
      bench: 'watch',
      n: churn * rounds,
      ...throughputBeside(first.rates, floor.rates),
      unit: 'lines/s of CPU',
      rssBytes: first.rssBytes,
      retainedBytesPerPod: perPod(first),
      peers: {
        ...Object.fromEntries(
          read.slice(1).map((one) => [
            `${one.pods / 1_000}k pods`,
            {
              n: churn * rounds,
              unit: 'lines/s of CPU' as const,
              ...throughputBeside(one.rates, floor.rates),
              rssBytes: one.rssBytes,
              retainedBytesPerPod: perPod(one),
            },
          ]),
        ),
        'over the informer': {
          n: informerChurn.churn,
          unit: 'lines/s of CPU',
          ...throughputBeside(first.rates, informer.rates),
          rssBytes: informer.rssBytes,
        },
      },
      ...circumstances(),
    };
  },
};

/** A server with so many pods, somebody who reads it, and rounds of changes. */
async function measure(
  pods: number,
  start: (server: Server) => Promise<Reader & { readonly retained?: () => Promise<number> }>,
  { churn, rounds }: { readonly churn: number; readonly rounds: number },
  context: BenchContext,
  isRetained = false,
): Promise<Read & { readonly retained: number }> {
  const server = await startServer(pods, context);
  const reader = await start(server);
  const rates: number[] = [];
  // The first round warms up.
  for (let round = 0; round < (rounds === 0 ? 0 : rounds + 1); round += 1) {
    const before = cpuSeconds(reader.pid);
    server.churn(churn);
    await reader.marker();
    // What was too short to be counted took at most one count.
    rates.push(churn / Math.max(cpuSeconds(reader.pid) - before, cpuCountSeconds));
  }
  const rssBytes = residentBytes([reader.pid]) ?? 0;
  const retained = isRetained && reader.retained ? await reader.retained() : 0;
  await reader.stop();
  await server.stop();
  return { rates: rates.slice(1), rssBytes, retained };
}

interface Server {
  readonly kubeconfig: string;
  /** Resolves when somebody watches the pods who knows them all. */
  readonly watched: Promise<unknown>;
  readonly churn: (lines: number) => void;
  readonly stop: () => Promise<void>;
}

const saidSchema = z.strictObject({ kubeconfig: z.string() });

async function startServer(pods: number, { onStop }: BenchContext): Promise<Server> {
  const { child, stop } = forkOne(podsServer, { pods }, onStop);
  const said: unknown = (await once(child, 'message'))[0];
  return {
    ...saidSchema.parse(said),
    watched: once(child, 'message'),
    churn: (lines) => void child.send({ churn: lines }),
    stop,
  };
}

async function startReader(
  role: 'floor' | 'informer',
  { kubeconfig, watched }: Server,
  { onStop }: BenchContext,
): Promise<Reader> {
  const { child, stop } = forkOne(readerProcess, { role, kubeconfig }, onStop);
  await watched;
  return { pid: child.pid ?? 0, marker: async () => void (await once(child, 'message')), stop };
}

function forkOne(program: string, options: object, onStop: BenchContext['onStop']) {
  const child: ChildProcess = fork(program, [JSON.stringify(options)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: ['--max-old-space-size=8192'],
  });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    if (child.connected) child.disconnect();
    await ended;
  };
  onStop(stop);
  return { child, stop };
}

let watchers = 0;

interface WatcherSetup {
  readonly redisUrl: string;
  readonly folder: string;
  readonly program: string;
}

/** The real process, as an image starts it. */
async function startWatcher(server: Server, { redisUrl, folder, program }: WatcherSetup, { onStop }: BenchContext) {
  const cluster = `bench-${(watchers += 1)}`;
  const kubeconfig = join(folder, cluster);
  await writeFile(kubeconfig, server.kubeconfig);
  const inspectPort = await freePort();
  const own = await startProcess(
    'watcher',
    {
      OOMKEEPER_CLUSTER: cluster,
      OOMKEEPER_OPS_HOST: '127.0.0.1',
      OOMKEEPER_OPS_PORT: '0',
      OOMKEEPER_LOG_LEVEL: 'info',
      KUBECONFIG: kubeconfig,
      REDIS_URL: redisUrl,
      NODE_OPTIONS: `--inspect-port=127.0.0.1:${inspectPort}`,
    },
    join(folder, `${cluster}.log`),
    { program },
  );
  onStop(() => own.stop());
  const redis = new Redis(redisUrl);
  onStop(async () => redis.disconnect());
  let markers = 0;
  return {
    pid: own.pid,
    marker: async () => {
      markers += 1;
      const key = `{oomkeeper:${cluster}}:kills:wait`;
      let length = 0;
      void (async () => {
        while (length < markers) length = await redis.llen(key);
      })();
      await until('the kill behind the changes is queued', () => (length >= markers ? true : null));
    },
    retained: () => retainedBytes(own.pid, inspectPort),
    stop: async () => {
      await own.stop();
      redis.disconnect();
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
