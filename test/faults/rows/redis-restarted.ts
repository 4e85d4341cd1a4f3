import type { FaultRow } from '../row.ts';

export const redisRestarted: FaultRow = {
  name: 'redis-restarted',
  about: 'Redis gets SIGKILL and is started again over the same append-only file',
  inject: ({ system, random, nowAndThen }) => nowAndThen(() => system.crashRedis(random() * 1_000)),
};
