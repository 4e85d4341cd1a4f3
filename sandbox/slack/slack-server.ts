import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { readBody } from '../http-router.ts';
import type { Faults } from './faults.ts';
import { takeUpload, type Reply } from './take-upload.ts';
import { isObject } from './json.ts';
import type { Log } from './log.ts';
import type { Responses } from './deliver/responses.ts';
import { answerCall, type WebApi } from './web-api/web-api.ts';

/** The one HTTP server of the pretend Slack: Web API, response URLs and uploads of files. */
export function createSlackServer(api: WebApi, responses: Responses): Server {
  return createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://slack');
    answer(api, responses, pathname, request, response).catch((error: unknown) => {
      api.log.error({ err: error, path: pathname }, 'the Slack simulator failed');
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
}

async function answer(
  api: WebApi,
  responses: Responses,
  pathname: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const method = /^\/api\/([\w.]+)$/.exec(pathname)?.[1];
  if (method !== undefined) return answerCall(api, method, request, response);
  const responseToken = /^\/response\/\w+\/(\w+)$/.exec(pathname)?.[1];
  if (responseToken !== undefined) {
    return withCuts(api.faults, 'response_url', request, response, async () =>
      takeResponse(responses, responseToken, request),
    );
  }
  const uploadToken = /^\/upload\/v1\/(\w+)$/.exec(pathname)?.[1];
  if (uploadToken !== undefined && request.method === 'POST') {
    return withCuts(api.faults, 'upload', request, response, async () =>
      takeUpload(api.world, api.requests, uploadToken, request),
    );
  }
  return answerUnknown(api.log, request, response);
}

/** The faults of the Web API on a request that is no method of it. */
async function withCuts(
  faults: Faults,
  method: string,
  request: IncomingMessage,
  response: ServerResponse,
  work: () => Promise<Reply>,
): Promise<void> {
  const isDown = faults.take(['api-down'], { method }) !== undefined;
  const reply = isDown ? { status: 503, contentType: 'text/plain', body: '' } : await work();
  if (faults.take(['cut-after-work'], { method }) !== undefined) {
    request.socket.destroy();
    return;
  }
  response.writeHead(reply.status, { 'content-type': reply.contentType });
  response.end(reply.body);
}

async function takeResponse(responses: Responses, token: string, request: IncomingMessage): Promise<Reply> {
  const text = await readBody(request);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  const { status, body: said } = isObject(body)
    ? responses.post(token, body)
    : { status: 400, body: { ok: false, error: 'invalid_payload' } };
  return { status, contentType: 'application/json; charset=utf-8', body: JSON.stringify(said) };
}

async function answerUnknown(log: Log, request: IncomingMessage, response: ServerResponse): Promise<void> {
  await readBody(request);
  log.error({ method: request.method, path: request.url }, 'the Slack simulator does not cover this path');
  response.writeHead(501, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify({ ok: false, error: 'not_covered' }));
}
