import { once } from 'node:events';
import { connect } from 'node:net';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { readyFor } from '../child.ts';
import type { FloorOptions } from './floor.ts';

/*
 * One of three processes that do the least that ours have to do, cut as our three are:
 *
 *   line   reads lines from a socket           -> a job of the first queue      (watcher)
 *   hop    takes a job of the first queue      -> a job of the second           (worker)
 *   post   takes a job of the second queue     -> one POST                      (bot)
 *
 * A job only carries the line's number; nothing is parsed, stored or rendered.
 */
const optionsSchema = z.strictObject({
  role: z.enum(['line', 'hop', 'post']),
  redisUrl: z.string(),
  linePort: z.number(),
  postUrl: z.string(),
  body: z.string(),
}) satisfies z.ZodType<FloorOptions>;
const jobSchema = z.strictObject({ n: z.number() });

const newline = 10;
const concurrency = 20;
const jobOptions = { removeOnComplete: true, removeOnFail: true };
const { role, redisUrl, linePort, postUrl, body } = optionsSchema.parse(JSON.parse(process.argv[2] ?? ''));
const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });

switch (role) {
  case 'line':
    await readLines();
    break;
  case 'hop': {
    const queue = new Queue('floor-slack', { connection });
    await queue.waitUntilReady();
    await takeJobs('floor-kills', async (n) => {
      await queue.add('show', { n }, jobOptions);
    });
    break;
  }
  case 'post':
    await takeJobs('floor-slack', async (n) => {
      const answer = await fetch(`${postUrl}/${n}`, { method: 'POST', body });
      await answer.arrayBuffer();
    });
    break;
}
readyFor(process);

async function readLines(): Promise<void> {
  const queue = new Queue('floor-kills', { connection });
  await queue.waitUntilReady();
  let n = 0;
  const socket = connect({ port: linePort, host: '127.0.0.1' });
  socket.on('data', (chunk: Buffer) => {
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, end + 1)) {
      void queue.add('kill', { n }, jobOptions);
      n += 1;
    }
  });
  await once(socket, 'connect');
}

async function takeJobs(queue: string, handle: (n: number) => Promise<void>): Promise<void> {
  const worker = new Worker(queue, async ({ data }) => handle(jobSchema.parse(data).n), { connection, concurrency });
  await worker.waitUntilReady();
}
