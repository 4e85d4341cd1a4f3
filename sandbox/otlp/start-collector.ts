import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { listen } from '../listen.ts';
import { readSpans } from './read-spans.ts';
import type { ReceivedSpan } from './read-spans.ts';

export interface Collector {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string;
  /** All spans so far, in the order in which they came. */
  readonly spans: () => readonly ReceivedSpan[];
  /** What was asked of it so far. */
  readonly requests: () => readonly { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  /** From now on: takes spans, refuses them with 503, or never answers. */
  readonly become: (state: CollectorState) => void;
  readonly close: () => Promise<void>;
}

export type CollectorState = 'well' | 'unavailable' | 'silent';

/** A pretend receiver of OTLP by HTTP, protobuf only (https://opentelemetry.io/docs/specs/otlp/#otlphttp). */
export async function startCollector(): Promise<Collector> {
  const spans: ReceivedSpan[] = [];
  const requests: { path: string; headers: IncomingHttpHeaders }[] = [];
  let state: CollectorState = 'well';
  const server = createServer((request, response) => {
    const answer = (status: number, body: string | Buffer = ''): void => {
      response.writeHead(status, { 'content-type': 'application/x-protobuf' }).end(body);
    };
    const take = async (): Promise<void> => {
      requests.push({ path: request.url ?? '', headers: request.headers });
      const body = await buffer(request);
      if (state === 'silent') return;
      if (state === 'unavailable') answer(503);
      else if (request.method !== 'POST' || request.url !== '/v1/traces') answer(404);
      else if (request.headers['content-type'] !== 'application/x-protobuf') answer(415);
      else {
        spans.push(...readSpans(body));
        // An empty ExportTraceServiceResponse: all of it was taken.
        answer(200);
      }
    };
    take().catch((error: unknown) => answer(400, error instanceof Error ? error.message : String(error)));
  });
  const port = await listen(server, 0);
  return {
    url: `http://127.0.0.1:${port}`,
    spans: () => spans,
    requests: () => requests,
    become: (next) => {
      state = next;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
