import type { FaultRow } from '../row.ts';

/** A sentinel waits between two fail-overs of one primary, and each takes seconds: of few incidents there is one. */
const incidentsEach = 200;
const most = 5;

export const redisFailOver: FaultRow = {
  name: 'redis-fail-over',
  about: 'the primary behind a Redis Sentinel gets SIGKILL, and its replica takes over',
  behindSentinel: true,
  inject: async ({ system, random, reached, incidents }) => {
    const { sentinel } = system;
    if (sentinel === null) throw new Error('there is no sentinel');
    const times = Math.min(most, Math.ceil(incidents / incidentsEach));
    for (let nth = 0; nth < times; nth += 1) {
      await reached((nth + random()) / times);
      // A replica that Sentinel has just sent to another primary begins anew, and whoever promotes it has lost what it lacks.
      await sentinel.inSync();
      await sentinel.failOver();
    }
    return times;
  },
};
