import { Redis } from 'ioredis';
import { Queue } from 'bullmq';
import type { FaultRow } from '../row.ts';

const cluster = '{oomkeeper:test}';
const unreadable = 'INC-P0S0N';
const jobs = [
  {
    queue: 'kills',
    prefix: cluster,
    data: [{}, null, 'text', { schema: 2 }, { schema: 1, kill: { kind: 'container' } }],
  },
  {
    queue: 'incidents',
    prefix: cluster,
    data: [{}, { incident: 7 }, { incident: 'INC-NONE' }, { incident: unreadable }],
  },
  {
    queue: 'slack',
    prefix: '{oomkeeper:slack}',
    data: [{}, { cluster: 'nowhere', incident: 'INC-NONE' }, { cluster: 'test', incident: unreadable }],
  },
] as const;

export const poisonJobs: FaultRow = {
  name: 'poison-jobs',
  about: 'jobs that nobody can read or carry out, in each queue, and an incident whose document is torn',
  inject: async ({ system, nowAndThen }) => {
    const redis = new Redis(system.redisUrl);
    const queues = jobs.map(({ queue, prefix, data }) => ({
      data,
      queue: new Queue(queue, { connection: { url: system.redisUrl }, prefix }),
    }));
    let added = 0;
    try {
      await nowAndThen(async () => {
        await redis.hset(`${cluster}:incident:${unreadable}`, { version: 1, state: 'open', document: '{"schema":1,' });
        for (const due of ['due', 'due:bot']) await redis.zadd(`${cluster}:${due}`, 0, unreadable);
        for (const { queue, data } of queues) {
          for (const one of data) await queue.add('poison', one, { attempts: 3 });
          added += data.length;
        }
      });
    } finally {
      await Promise.all(queues.map(({ queue }) => queue.close()));
      await redis.del(`${cluster}:incident:${unreadable}`);
      redis.disconnect();
    }
    return added;
  },
};
