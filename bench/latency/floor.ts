import { createServer as createHttpServer } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { listen } from '../../sandbox/listen.ts';
import type { BenchContext } from '../benchmark.ts';
import { startChild } from '../child.ts';

/** What one process of the floor is told. */
export interface FloorOptions {
  readonly role: 'line' | 'hop' | 'post';
  readonly redisUrl: string;
  readonly linePort: number;
  readonly postUrl: string;
  readonly body: string;
}

export interface Floor {
  /** Sends the line on its way; ms from there to the POST that it ends in. */
  readonly trip: () => Promise<number>;
}

const roles = ['line', 'hop', 'post'] as const;
const tripMs = 10_000;
const program = fileURLToPath(new URL('floor-process.ts', import.meta.url));

/**
 * The way of a kill without Oomkeeper: a line through a socket, two bare BullMQ hops and one POST, between as many
 * processes as ours, over the same Redis, with a line and a body as long as ours. The clock is this process's.
 */
export async function startFloor(
  { redisUrl, line, body }: { readonly redisUrl: string; readonly line: string; readonly body: string },
  { onStop }: BenchContext,
): Promise<Floor> {
  const arrivals = new Map<number, () => void>();
  const connected = Promise.withResolvers<Socket>();
  const lines = createServer((socket) => connected.resolve(socket.setNoDelay(true)));
  const posts = createHttpServer((request, response) => {
    request.resume().on('end', () => {
      arrivals.get(Number(request.url?.slice(1)))?.();
      response.end('{"ok":true}');
    });
  });
  const [linePort, postPort] = await Promise.all([listen(lines, 0), listen(posts, 0)]);
  onStop(async () => {
    posts.close();
    posts.closeAllConnections();
    lines.close();
  });
  const common = { redisUrl, linePort, postUrl: `http://127.0.0.1:${postPort}`, body };
  await Promise.all(roles.map(async (role) => startChild(program, { ...common, role } satisfies FloorOptions, onStop)));
  const socket = await connected.promise;
  let sent = 0;

  return {
    trip: async () => {
      const n = sent;
      sent += 1;
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      const late = setTimeout(() => reject(new Error(`the floor took longer than ${tripMs} ms`)), tripMs);
      socket.write(line);
      const leftAt = performance.now();
      arrivals.set(n, () => resolve(performance.now() - leftAt));
      try {
        return await promise;
      } finally {
        clearTimeout(late);
        arrivals.delete(n);
      }
    },
  };
}
