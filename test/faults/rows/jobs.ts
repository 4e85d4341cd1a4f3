import { setTimeout as delay } from 'node:timers/promises';
import { Queue } from 'bullmq';
import type { FaultRow, Stage } from '../row.ts';

/** Longer than a lock lasts. */
const pastTheLockMs = 2_500;
const checkEveryMs = 20;
const copied = 'copied';
const prefixes = { kills: '{oomkeeper:test}', incidents: '{oomkeeper:test}', slack: '{oomkeeper:slack}' } as const;

export const jobsDoubled: FaultRow = {
  name: 'jobs-doubled',
  about: 'each job of the queues comes two or three times, and in another order',
  inject: (stage) => held(stage, 200, (queue, random) => doubled(queue, random)),
};

export const jobsDelayed: FaultRow = {
  name: 'jobs-delayed',
  about: 'jobs are held back for longer than their lock and then come all at once',
  inject: (stage) => held(stage, pastTheLockMs, (queue) => queue.getWaitingCount()),
};

/** Holds all queues back for a while, now and then, and does something with what has come meanwhile. */
async function held(
  { system, random, nowAndThen, orMissed }: Stage,
  forMs: number,
  meddle: (queue: Queue, random: () => number) => Promise<number>,
): Promise<number> {
  const queues = Object.entries(prefixes).map(
    ([name, prefix]) => new Queue(name, { connection: { url: system.redisUrl }, prefix }),
  );
  let met = 0;
  try {
    await nowAndThen(async () => {
      await Promise.all(queues.map((queue) => queue.pause()));
      await delay(forMs);
      // On a busy machine nothing may have come by then.
      const over = new AbortController();
      const comes = (async () => {
        while (!over.signal.aborted && !(await anyWaits(queues))) await delay(checkEveryMs);
      })();
      await orMissed(comes);
      over.abort();
      await comes;
      for (const queue of queues) met += await meddle(queue, random);
      await Promise.all(queues.map((queue) => queue.resume()));
    });
  } finally {
    await Promise.all(queues.map((queue) => queue.close()));
  }
  return met;
}

async function anyWaits(queues: readonly Queue[]): Promise<boolean> {
  const counts = await Promise.all(queues.map((queue) => queue.getWaitingCount()));
  return counts.some((count) => count > 0);
}

/** How many there are more now. */
async function doubled(queue: Queue, random: () => number): Promise<number> {
  // Copies are not copied again, or a slow machine would drown in them.
  const jobs = (await queue.getJobs(['wait'])).filter(({ name }) => name !== copied);
  const again = jobs
    .flatMap((job) => [job, job, ...(random() < 0.5 ? [job] : [])])
    .map((job) => ({ job, order: random() }))
    .toSorted((a, b) => a.order - b.order);
  for (const { job } of again) {
    const { jobId: _none, ...opts } = job.opts;
    await queue.add(copied, job.data, opts);
  }
  for (const job of jobs) await job.remove();
  return again.length - jobs.length;
}
