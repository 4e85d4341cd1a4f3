import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly parameters: URLSearchParams;
}

export interface AnsweringServer {
  readonly url: string;
  readonly port: number;
  readonly asked: readonly Asked[];
  readonly close: () => Promise<void>;
}

/** An HTTP server that gives every request the same answer; null = it never answers. */
export async function startAnswering(
  answer: { readonly status: number; readonly type?: string; readonly body: string; readonly date?: Date } | null,
): Promise<AnsweringServer> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const url = new URL(request.url ?? '', 'http://localhost');
      asked.push({
        method: request.method ?? '',
        path: url.pathname,
        authorization: request.headers.authorization,
        parameters: request.method === 'POST' ? new URLSearchParams(body) : url.searchParams,
      });
      if (answer === null) return;
      if (answer.date) response.setHeader('date', answer.date.toUTCString());
      response.writeHead(answer.status, { 'content-type': answer.type ?? 'application/json' }).end(answer.body);
    });
  });
  const { promise, resolve } = Promise.withResolvers<undefined>();
  server.listen(0, '127.0.0.1', () => {
    resolve(undefined);
  });
  await promise;
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    asked,
    close: async () => {
      await new Promise<void>((done) => {
        server.close(() => {
          done();
        });
        server.closeAllConnections();
      });
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  const stream: AsyncIterable<Uint8Array> = request;
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
