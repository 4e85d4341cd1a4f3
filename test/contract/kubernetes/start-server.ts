import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

import { expect } from 'vitest';

import { createHandClock } from '../../../sandbox/hand-clock.ts';
import type { HandClock } from '../../../sandbox/hand-clock.ts';
import { startApiServer } from '../../../sandbox/kubernetes/server/api-server.ts';
import type { ApiServer, ApiServerOptions } from '../../../sandbox/kubernetes/server/api-server.ts';
import { createObjectStore } from '../../../sandbox/kubernetes/objects/memory-object-store.ts';
import type { MemoryObjectStore } from '../../../sandbox/kubernetes/objects/memory-object-store.ts';
import type { KubeObject } from '../../../sandbox/kubernetes/objects/object-store.ts';
import { eventually } from '../../eventually.ts';

export interface TestServer {
  readonly server: ApiServer;
  readonly store: MemoryObjectStore;
  readonly clock: HandClock;
  /** Messages of the server's log. */
  readonly logged: readonly string[];
}

export const silentKubelet: ApiServerOptions['kubelet'] = {
  logs: () => ({ status: 200, body: 'a line\n' }),
};

/** A server over a store that holds the given objects as they are, driven by hand. */
export async function startTestServer(
  seeds: readonly { readonly resource: string; readonly object: KubeObject }[] = [],
  options: Partial<ApiServerOptions> = {},
): Promise<TestServer> {
  const clock = createHandClock();
  const store = createObjectStore(clock);
  for (const { resource, object } of seeds) {
    store.replay({ type: 'ADDED', resource, object: structuredClone(object) });
  }
  const logged: string[] = [];
  const log = (message: string): void => {
    logged.push(message);
  };
  const server = await startApiServer({ store, clock, kubelet: silentKubelet, log, ...options });
  return { server, store, clock, logged };
}

export interface ApiRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Undefined: the admin's; null: none. */
  readonly token?: string | null;
  readonly body?: string;
}

export interface ApiResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends a request and resolves when the answer's headers are there. */
export async function openRequest(server: ApiServer, wanted: ApiRequest): Promise<IncomingMessage> {
  const { token = server.adminToken, body } = wanted;
  const request = httpsRequest(`${server.url}${wanted.path}`, {
    method: wanted.method ?? 'GET',
    ca: server.certificate,
    agent: false,
    headers: {
      ...wanted.headers,
      ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
  });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

export async function readText(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return text;
}

export async function send(server: ApiServer, wanted: ApiRequest): Promise<ApiResponse> {
  const response = await openRequest(server, wanted);
  return { status: response.statusCode ?? 0, headers: response.headers, text: await readText(response) };
}

/** Waits until the watch that `answering` asked for is open (or was refused), and moves the clock past its end. */
export async function outlastWatch(
  { server, clock }: TestServer,
  answering: Promise<unknown>,
  runMs: number,
): Promise<void> {
  const progress = { over: false };
  const done = answering.finally(() => {
    progress.over = true;
  });
  await eventually(() => expect(progress.over || server.openWatches() > 0).toBe(true));
  await clock.advance(runMs);
  await done;
}
