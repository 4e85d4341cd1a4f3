import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { createServerCertificate, kubeconfigText } from '../../sandbox/kubernetes/server/server-certificate.ts';
import { createPodLines } from './pod-lines.ts';

/*
 * A process that serves so many pods over HTTPS, and then as many changes of them as its parent asks for. It does no
 * more than it must: what is measured is whoever reads.
 */
const optionsSchema = z.strictObject({ pods: z.number() });
const orderSchema = z.strictObject({ churn: z.number() });

/** About 1 MB at a time. */
const batch = 100;
const { pods } = optionsSchema.parse(JSON.parse(process.argv[2] ?? ''));
const made = createPodLines();
const watches = new Set<ServerResponse>();
/** The changes that are being written; no watch is ended meanwhile. */
let working: Promise<unknown> = Promise.resolve();

async function write(response: ServerResponse, bytes: Buffer): Promise<void> {
  if (response.write(bytes)) return;
  const over = new AbortController();
  const { signal } = over;
  await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]);
  over.abort();
}

async function writePods(response: ServerResponse, type: 'ADDED' | 'MODIFIED', count: number): Promise<void> {
  for (let from = 0; from < count && !response.destroyed; from += batch)
    await write(response, made.lines(type, from % Math.max(1, pods), Math.min(batch, count - from)));
}

async function watch(response: ServerResponse, query: URLSearchParams, isPods: boolean): Promise<void> {
  response.flushHeaders();
  const seconds = Number(query.get('timeoutSeconds') ?? '1800');
  const end = globalThis.setTimeout(() => void working.then(() => response.end(made.bookmark())), seconds * 1_000);
  response.on('close', () => {
    clearTimeout(end);
    watches.delete(response);
  });
  if (query.get('sendInitialEvents') === 'true') {
    if (isPods) await writePods(response, 'ADDED', pods);
    await write(response, made.bookmark());
  }
  if (!isPods) return;
  watches.add(response);
  process.send?.('watched');
}

async function list(response: ServerResponse, query: URLSearchParams, isPods: boolean): Promise<void> {
  const from = Number(query.get('continue') ?? '0');
  const all = isPods ? pods : 0;
  const count = Math.min(Number(query.get('limit') ?? all), all - from);
  const next = from + count < all ? `,"continue":"${from + count}"` : '';
  const items = made.items(from, count);
  response.write(`{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1000000000"${next}},"items":[`);
  await write(response, items);
  response.end(']}\n');
}

async function change(churn: number): Promise<void> {
  // A watch that has just ended comes again at once.
  while (watches.size === 0) await setTimeout(5);
  await Promise.all(
    [...watches].map(async (response) => {
      await writePods(response, 'MODIFIED', churn);
      await write(response, made.marker(new Date()));
    }),
  );
}

const { key, certificate } = await createServerCertificate();
const server = createServer({ key, cert: certificate }, (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'https://server');
  const isPods = pathname === '/api/v1/pods';
  response.setHeader('content-type', 'application/json');
  const answer = searchParams.has('watch') ? watch : list;
  answer(response, searchParams, isPods).catch(() => response.destroy());
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
const port = typeof address === 'object' && address !== null ? address.port : 0;

process.on('disconnect', () => process.exit());
process.on('message', (order) => {
  const { churn } = orderSchema.parse(order);
  working = change(churn);
});
process.send?.({ kubeconfig: kubeconfigText(`https://127.0.0.1:${port}`, certificate, 'bench') });
