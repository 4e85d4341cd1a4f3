import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { startWorld } from '../sandbox/world.ts';
import type { World, WorldOptions } from '../sandbox/world.ts';
import { startRedis } from '../scripts/redis/redis.mjs';
import type { RunningRedis } from '../scripts/redis/redis.mjs';
import { environmentFor, processNames, startProcess } from '../scripts/system.ts';
import type { OwnProcess, ProcessName } from '../scripts/system.ts';
import type { Timing } from '../src/app/config/timing.ts';

/** What the processes are started into. */
export interface Around {
  readonly world: World;
  readonly redisUrl: string;
  /** It is started by `beside`. */
  readonly isExtra: boolean;
}

export interface SystemOptions {
  /** Environment variables over those of a system that does everything soon. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Internal timing, over that of such a system. */
  readonly timing?: Partial<Timing>;
  /** The processes have to give it to Redis. */
  readonly redisPassword?: string;
  /** Variables of one process alone, over all others. */
  readonly only?: (name: ProcessName, around: Around) => Promise<Readonly<Record<string, string>>>;
  readonly world?: Partial<
    Pick<
      WorldOptions,
      | 'speed'
      | 'seed'
      | 'recording'
      | 'slack'
      | 'rights'
      | 'prometheus'
      | 'metrics'
      | 'nodes'
      | 'historyMs'
      | 'clusterAheadMs'
      | 'withPage'
    >
  >;
}

/** The whole system for one test file: the three processes, a Redis of their own, and the pretend world around them. */
export interface System {
  /** In the test's own process, so that what happened can be read off it. */
  readonly world: World;
  /** With a password where one was asked for. */
  readonly redisUrl: string;
  readonly process: (name: ProcessName) => OwnProcess;
  /** SIGKILL unless told, sent before this returns; then the same process is started again and waited for. */
  readonly crash: (name: ProcessName, signal?: NodeJS.Signals) => Promise<void>;
  /** As a rolling update does it: another one is started and waited for, and then the old one gets SIGTERM. */
  readonly replace: (name: ProcessName) => Promise<void>;
  /** One more of them. It ends with the system, if it was not stopped before. */
  readonly beside: (name: ProcessName) => Promise<OwnProcess>;
  /** SIGKILL for Redis, and after so many ms another one over the same files and port. */
  readonly crashRedis: (downMs: number) => Promise<void>;
  /** Everything that the processes have written, standard output and error. */
  readonly said: () => Promise<string>;
  /** What the simulators were asked and do not cover: empty where all is well. */
  readonly complaints: readonly string[];
  readonly stop: () => Promise<void>;
}

/** Faster than real time: a back-off of 10 s takes half a second. */
const usualSpeed = 20;

const soon = {
  OOMKEEPER_CLUSTER: 'test',
  OOMKEEPER_HTTP_PORT: '0',
  OOMKEEPER_VERIFY_AFTER: '2s',
  OOMKEEPER_CONFIRM_TIMEOUT: '6s',
  // Off unless it is what a test is about.
  OOMKEEPER_STORM_AFTER: '0',
};

const soonTiming = {
  watchAtMostMs: 2_000,
  suspectWindowMs: 1_000,
  explainAgainMs: 500,
  sweepEveryMs: 500,
  lockMs: 2_000,
  postEveryMs: 1,
  searchAgainMs: 1_000,
};

/**
 * Starts everything and waits until each process is ready. Call `stop` in any case; it ends all of it. Who may approve
 * is who may in the pretend Slack.
 */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const folder = await mkdtemp(join(tmpdir(), 'oomkeeper-system-'));
  const stops: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0).toReversed()) await one();
  };
  try {
    return { ...(await startAll(options, folder, (one) => stops.push(one))), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startAll(
  options: SystemOptions,
  folder: string,
  onStop: (stop: () => Promise<void>) => void,
): Promise<Omit<System, 'stop'>> {
  const redisSettings = { own: true, appendonly: true, dir: join(folder, 'redis'), log: () => undefined };
  let redis: RunningRedis = await startRedis(redisSettings);
  onStop(() => redis.stop());
  const complaints: string[] = [];
  const world = await startWorld({
    speed: usualSpeed,
    seed: 1,
    port: 0,
    withPage: false,
    slack: { limits: 'off' },
    log: (message, fields) => complaints.push(`${message} ${JSON.stringify(fields)}`),
    ...options.world,
  });
  onStop(world.close);
  const redisUrl =
    options.redisPassword === undefined ? redis.url : await protectRedis(redis.url, options.redisPassword);
  const approvers = world.slack.workspace.people.flatMap(({ id, mayApprove }) => (mayApprove ? [id] : []));
  const environment = {
    ...environmentFor(
      world.addresses,
      redisUrl,
      { ...soon, OOMKEEPER_APPROVERS: approvers.join(','), ...options.settings },
      { ...soonTiming, ...options.timing },
    ),
    ...testRun(),
  };
  const logOf = (name: ProcessName): string => join(folder, `${name}.log`);
  const running = new Map<ProcessName, OwnProcess>();
  const startOne = async (name: ProcessName, isExtra: boolean): Promise<OwnProcess> => {
    const only = await options.only?.(name, { world, redisUrl, isExtra });
    const one = await startProcess(name, { ...environment, ...only }, logOf(name));
    world.awaitProcess(one.opsUrl);
    return one;
  };
  const start = async (name: ProcessName): Promise<void> => {
    running.set(name, await startOne(name, false));
  };
  const others = new Set<OwnProcess>();
  const processOf = (name: ProcessName): OwnProcess => {
    const one = running.get(name);
    if (one === undefined) throw new Error(`${name} is not running`);
    return one;
  };
  onStop(async () => {
    await Promise.all([...running.values(), ...others].map((one) => one.stop()));
  });
  // All of them, also when one fails: what is still starting could not be stopped.
  const started = await Promise.allSettled(processNames.map(start));
  for (const one of started) if (one.status === 'rejected') throw one.reason;
  return {
    world,
    redisUrl,
    process: processOf,
    crash: async (name, signal = 'SIGKILL') => {
      await processOf(name).stop(signal);
      await start(name);
    },
    replace: async (name) => {
      const old = processOf(name);
      await start(name);
      await old.stop('SIGTERM');
    },
    beside: async (name) => {
      const other = await startOne(name, true);
      others.add(other);
      return other;
    },
    crashRedis: async (downMs) => {
      const { pid, url } = redis;
      if (pid === null) throw new Error('this Redis is not ours to end');
      process.kill(pid, 'SIGKILL');
      await redis.stop();
      await delay(downMs);
      redis = await startRedis({ ...redisSettings, port: Number(new URL(url).port) });
    },
    said: async () => (await Promise.all(processNames.map((name) => readFile(logOf(name), 'utf8')))).join('\n'),
    complaints,
  };
}

/** Makes a user with this password, and answers with the URL that logs in as that user. */
async function protectRedis(url: string, password: string): Promise<string> {
  const client = new Redis(url);
  await client.acl('SETUSER', 'oomkeeper', 'on', `>${password}`, '~*', '&*', '+@all');
  await client.quit();
  const { host } = new URL(url);
  return `redis://oomkeeper:${password}@${host}`;
}

/** By this variable a run of all tests finds processes that a test has left behind. */
function testRun(): Readonly<Record<string, string>> {
  const run = process.env['OOMKEEPER_TEST_RUN'];
  return run === undefined ? {} : { OOMKEEPER_TEST_RUN: run };
}
