import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { listen } from '../../sandbox/listen.ts';
import type { BenchContext } from '../benchmark.ts';

/** Passes each request on to a Prometheus, but answers only after so many ms; its URL. */
export async function startSlowPrometheus(behind: string, slowMs: number, { onStop }: BenchContext): Promise<string> {
  const stopped = new AbortController();
  const server = createServer((request, response) => {
    const pass = async (): Promise<void> => {
      const chunks = await request.toArray();
      await delay(slowMs, undefined, { signal: stopped.signal });
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      const answer = await fetch(new URL(request.url ?? '/', behind), {
        method: request.method ?? 'GET',
        headers: { 'content-type': request.headers['content-type'] ?? '' },
        ...(isRead ? {} : { body: Buffer.concat(chunks.filter((chunk) => Buffer.isBuffer(chunk))) }),
      });
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
      response.end(await answer.text());
    };
    // It is the benchmark's end, or the one behind is gone: whoever asked sees the connection break.
    pass().catch(() => response.destroy());
  });
  const port = await listen(server, 0);
  onStop(async () => {
    stopped.abort();
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${port}`;
}
