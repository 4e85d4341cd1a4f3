import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '../http-router.ts';
import { isObject, type JsonObject } from '../slack/json.ts';
import type { Log } from '../slack/log.ts';
import type { Accounts, Caller } from './accounts.ts';
import { ApiError, notFound } from './api-error.ts';
import type { Answer, Call } from './call.ts';
import { type Match, operationAt, plainOperations, repositoryOperations } from './coverage.ts';
import type { FaultKind, Faults } from './faults.ts';
import { refusedByFault } from './fault-answer.ts';
import { type GithubState, type Repository, repositoryNamed } from './github-state.ts';
import { NotCovered } from './not-covered.ts';
import { isGranted, needText, type Permissions } from './permissions.ts';
import { budgetHeaders, type RateLimits } from './rate-limits.ts';
import type { RequestLog } from './request-log.ts';
import { needApp, plainHandlers } from './routes/plain-handlers.ts';
import { repositoryHandlers } from './routes/repository-handlers.ts';

export interface Api {
  readonly state: GithubState;
  readonly accounts: Accounts;
  readonly limits: RateLimits;
  readonly faults: Faults;
  readonly requests: RequestLog;
  readonly log: Log;
  /** `http://host:port`. */
  readonly origin: () => string;
  /** Where people read; defaults to the origin. */
  readonly html: () => string;
}

interface Reading {
  readonly method: string;
  readonly url: URL;
  readonly isEnterprise: boolean;
  readonly request: IncomingMessage;
  readonly text: string;
}

/** Answers one request: of github.com below `/`, of an Enterprise server below `/api/v3`. */
export async function answerRequest(api: Api, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { clock } = api.state;
  const url = new URL(request.url ?? '/', 'http://github');
  const isEnterprise = url.pathname === '/api/v3' || url.pathname.startsWith('/api/v3/');
  if (isEnterprise) url.pathname = url.pathname.slice('/api/v3'.length);
  const method = request.method ?? 'GET';
  const text = await readBody(request);
  const reading = { method, url, isEnterprise, request, text };
  const seen: Seen = { caller: undefined, match: undefined, body: undefined, fault: undefined };
  const answer = answerOf(api, reading, seen);
  const operation = seen.match?.id;
  const isGood = answer.status < 400;
  const late =
    isGood && operation !== undefined
      ? api.faults.take(['timeout-after-success', 'http-500-after-success'], { operation, method })
      : undefined;
  const isSilent = late?.kind === 'timeout-after-success';
  const said = isObject(answer.json) ? answer.json['message'] : undefined;
  api.requests.add({
    method,
    path: url.pathname + url.search,
    isEnterprise,
    operation,
    caller: seen.caller?.key ?? 'refused',
    status: isSilent ? null : late === undefined ? answer.status : 500,
    fault: late?.kind ?? seen.fault,
    body: seen.body,
    error: isGood || typeof said !== 'string' ? undefined : said,
  });
  if (isSilent) {
    clock.after((late.holdMs ?? 30_000) * clock.speed, () => request.socket.destroy());
    return;
  }
  send(api, response, late === undefined ? answer : { status: 500, json: { message: 'Server Error' } }, reading, seen);
}

/** What was found out about a request on the way, for its headers and its line in the log. */
interface Seen {
  caller: Caller | undefined;
  match: Match | undefined;
  body: JsonObject | undefined;
  fault: FaultKind | undefined;
}

function answerOf(api: Api, reading: Reading, seen: Seen): Answer {
  try {
    return runOperation(api, reading, seen);
  } catch (error) {
    if (error instanceof ApiError) return { status: error.status, json: error.body, headers: error.headers };
    if (!(error instanceof NotCovered)) throw error;
    api.log.error(
      { method: reading.method, path: reading.url.pathname },
      `the GitHub simulator does not cover ${error.message}`,
    );
    return { status: 501, json: { message: `This pretended GitHub does not cover ${error.message}` } };
  }
}

function runOperation(api: Api, reading: Reading, seen: Seen): Answer {
  const { isEnterprise, method, request, text, url } = reading;
  const match = matchOf(method, url.pathname);
  seen.match = match;
  if (match === undefined) throw new NotCovered('this path');
  const fault = api.faults.take(
    ['http-500', 'http-502', 'secondary-rate-limit', 'rate-limit', 'rate-limit-429', 'bad-credentials'],
    { operation: match.id, method },
  );
  const caller = api.accounts.callerOf(request.headers.authorization);
  seen.caller = caller;
  if (fault !== undefined) {
    seen.fault = fault.kind;
    throw refusedByFault(fault, caller, api.state.clock.now());
  }
  if (match.id !== 'rate-limit/get' && !api.limits.take(caller.key)) {
    throw new ApiError(403, `API rate limit exceeded for ${caller.key}.`);
  }
  const body = parseBody(text);
  seen.body = body;
  const operation = match.kind === 'plain' ? plainOperations[match.id] : repositoryOperations[match.id];
  const takes: readonly string[] = operation.takes;
  const unknown = [...url.searchParams.keys(), ...Object.keys(body)].filter((name) => !takes.includes(name));
  if (unknown.length > 0) throw new NotCovered(`the arguments ${unknown.join(', ')} of ${match.id}`);
  const call: Call = {
    state: api.state,
    accounts: api.accounts,
    limits: api.limits,
    caller,
    parameter: (name) => match.parameters[name] ?? '',
    query: url.searchParams,
    body,
    api: `${api.origin()}${isEnterprise ? '/api/v3' : ''}`,
    html: api.html(),
    accept: request.headers.accept ?? '',
  };
  if (match.kind === 'plain') return plainHandlers[match.id](call);
  const repository = repositoryFor(call, match.id);
  const actor = 'actor' in caller ? caller.actor : api.accounts.bot;
  return repositoryHandlers[match.id]({ ...call, repository, actor });
}

/** The repository of a call, if this caller may do this to it. Throws GitHub's 401, 403 and 404. */
function repositoryFor(call: Call, id: keyof typeof repositoryOperations): Repository {
  const { accounts, caller, parameter, state } = call;
  const repository = repositoryNamed(state, `${parameter('owner')}/${parameter('repo')}`);
  const { method, need } = repositoryOperations[id];
  if (need === null) {
    needApp(caller.kind);
    if (repository?.installed !== true) throw notFound();
    return repository;
  }
  switch (caller.kind) {
    case 'anonymous':
      throw notFound();
    case 'app':
      // An app's own token says who it is, and opens nothing.
      throw new ApiError(403, 'Resource not accessible by integration');
    case 'person':
    case 'installation':
      break;
  }
  if (repository === undefined || (caller.kind === 'installation' && !caller.sees(repository))) throw notFound();
  const permissions: Permissions = caller.permissions;
  if (!isGranted(permissions, need)) {
    const whom = caller.actor === accounts.bot ? 'integration' : 'personal access token';
    const headers = { 'x-accepted-github-permissions': needText(need) };
    throw new ApiError(403, `Resource not accessible by ${whom}`, {}, headers);
  }
  if (repository.isArchived && method !== 'GET') {
    throw new ApiError(403, 'Repository was archived so is read-only.');
  }
  return repository;
}

function matchOf(method: string, pathname: string): Match | undefined {
  try {
    return operationAt(method, pathname);
  } catch (error) {
    if (error instanceof URIError) throw new ApiError(400, 'Bad Request');
    throw error;
  }
}

function parseBody(text: string): JsonObject {
  if (text === '') return {};
  try {
    const body: unknown = JSON.parse(text);
    if (isObject(body)) return body;
  } catch {
    throw new ApiError(400, 'Problems parsing JSON');
  }
  throw new ApiError(400, 'Body should be a JSON object');
}

function send(api: Api, response: ServerResponse, answer: Answer, { isEnterprise }: Reading, { caller }: Seen): void {
  const json = answer.json === undefined ? '' : JSON.stringify(answer.json);
  response.writeHead(answer.status, {
    'content-type':
      answer.raw === undefined ? 'application/json; charset=utf-8' : 'application/vnd.github.raw; charset=utf-8',
    date: new Date(api.state.clock.now()).toUTCString(),
    'x-github-media-type': 'github.v3; format=json',
    'x-github-request-id': randomUUID(),
    ...(isEnterprise ? { 'x-github-enterprise-version': '3.18.0' } : {}),
    ...(caller === undefined ? {} : budgetHeaders(api.limits.look(caller.key))),
    ...answer.headers,
  });
  response.end(answer.raw ?? json);
}
