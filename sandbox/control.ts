import { createServer, type Server } from 'node:http';
import { answerRoute, type Route } from './http-router.ts';
import { listen } from './listen.ts';

export interface StaticFile {
  readonly contentType: string;
  readonly body: string | Uint8Array;
}

export interface ControlOptions {
  readonly routes: readonly Route[];
  /** The page: files by absolute path; `/` is `/index.html`. */
  readonly files?: ReadonlyMap<string, StaticFile>;
  /** 0 = any free port; otherwise this one or one of the next twenty. */
  readonly port: number;
}

export interface Control {
  /** Without a slash at its end. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

const portsTried = 20;

/** Serves the control API of all simulators and the page on one origin, on 127.0.0.1. Throws when no port is free. */
export async function startControl({ routes, files = new Map(), port }: ControlOptions): Promise<Control> {
  const server = createServer((request, response) => {
    void answerRoute(routes, request, response).then((answered) => {
      if (answered) return;
      const { pathname } = new URL(request.url ?? '/', 'http://sandbox');
      const file = request.method === 'GET' ? files.get(pathname === '/' ? '/index.html' : pathname) : undefined;
      if (file === undefined) {
        response.writeHead(404, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ ok: false, error: 'not_found', path: pathname }));
        return;
      }
      response.writeHead(200, { 'content-type': file.contentType, 'cache-control': 'no-cache' });
      response.end(file.body);
    });
  });
  const bound = await listenNear(server, port);
  return {
    url: `http://127.0.0.1:${bound}`,
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      });
    },
  };
}

async function listenNear(server: Server, first: number): Promise<number> {
  const last = first === 0 ? 0 : first + portsTried;
  for (let port = first; ; port += 1) {
    try {
      return await listen(server, port);
    } catch (error) {
      const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!taken || port >= last) throw error;
    }
  }
}
