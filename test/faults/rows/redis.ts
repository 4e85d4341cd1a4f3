import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { eventually, until } from '../../eventually.ts';
import { processNames } from '../../../scripts/system.ts';
import type { FaultRow, Stage } from '../row.ts';

export const redisRestarted: FaultRow = {
  name: 'redis-restarted',
  about: 'Redis gets SIGKILL and is started again over the same append-only file',
  inject: ({ system, random, nowAndThen, orMissed }) => {
    const asked = (): number => system.world.slack.requestLog().at(-1)?.seq ?? 0;
    return nowAndThen(async () => {
      // A Redis that ends again before anybody has done anything is not one that is restarted: it is away.
      const before = asked();
      await orMissed(until('the bot has asked Slack something', () => (asked() > before ? true : null)));
      await system.crashRedis(random() * 1_000);
    });
  },
};

export const redisUnreachable: FaultRow = {
  name: 'redis-unreachable',
  about: 'no process reaches Redis for a minute (of few incidents: for a second)',
  inject: async ({ system, reached, minuteMs }) => {
    await reached(0.3);
    const proxies = processNames.map((name) => system.redisOf(name));
    const ended = proxies.map((proxy) => proxy.shut()).reduce((sum, one) => sum + one, 0);
    await delay(minuteMs);
    for (const proxy of proxies) proxy.open();
    return ended;
  },
};

export const redisFull: FaultRow = {
  name: 'redis-full',
  about: 'Redis refuses every write for want of memory, for a minute (of few incidents: for a second)',
  inject: (stage) =>
    refusing(stage, {
      begin: async (redis) => {
        await redis.config('SET', 'maxmemory', '1');
      },
      end: async (redis) => {
        await redis.config('SET', 'maxmemory', '0');
      },
      error: 'errorstat_OOM',
    }),
};

export const redisReadOnly: FaultRow = {
  name: 'redis-read-only',
  about: 'Redis is a replica without a primary and refuses every write, for a minute (of few incidents: for a second)',
  inject: (stage) =>
    refusing(stage, {
      begin: async (redis) => {
        // Nobody listens there.
        await redis.replicaof('127.0.0.1', 1);
      },
      end: async (redis) => {
        await redis.replicaof('NO', 'ONE');
      },
      error: 'errorstat_READONLY',
    }),
};

export const redisSlow: FaultRow = {
  name: 'redis-slow',
  about: 'each command to Redis and each answer takes 20 to 120 ms longer',
  inject: async ({ system, random, reached, minuteMs }) => {
    const proxies = processNames.map((name) => system.redisOf(name));
    await reached(0.2);
    for (const proxy of proxies) proxy.slow(20 + random() * 100);
    await Promise.all([reached(0.8), delay(minuteMs)]);
    for (const proxy of proxies) proxy.slow(0);
    return proxies.reduce((sum, proxy) => sum + proxy.delayed(), 0);
  },
};

export const redisEmptied: FaultRow = {
  name: 'redis-emptied',
  about: 'everything that Redis holds is deleted (FLUSHALL)',
  spoils: true,
  // What was queued is found again where a pod still shows it.
  plan: () => ({ kills: [1, 1] }),
  inject: async ({ system, reached }) =>
    asAdmin(system.redisUrl, async (redis) => {
      await reached(0.5);
      const held = await redis.dbsize();
      await redis.flushall();
      return held;
    }),
};

interface Refusal {
  readonly begin: (redis: Redis) => Promise<void>;
  readonly end: (redis: Redis) => Promise<void>;
  /** Where INFO counts the refused commands. */
  readonly error: string;
}

/** Refuses while incidents happen; how many commands were refused. */
async function refusing({ system, reached, minuteMs }: Stage, { begin, end, error }: Refusal): Promise<number> {
  return asAdmin(system.redisUrl, async (redis) => {
    const refused = async (): Promise<number> =>
      Number(new RegExp(`${error}:count=(\\d+)`).exec(await redis.info('errorstats'))?.[1] ?? 0);
    await reached(0.3);
    const before = await refused();
    await begin(redis);
    try {
      await delay(minuteMs);
      // On a busy machine nobody may have written by then.
      await eventually(async () => {
        if ((await refused()) === before) throw new Error('Redis has refused nothing yet');
      });
    } finally {
      await end(redis);
    }
    return (await refused()) - before;
  });
}

async function asAdmin<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}
