import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logged, NumberedLog } from '../../bounded-log.ts';
import { readBody } from '../../http-router.ts';
import { isObject, type JsonObject } from '../../slack/json.ts';
import type { Log } from '../../slack/log.ts';
import { ApiError, NotCovered, notFound } from '../api-error.ts';
import { type FaultKind, type Faults, refusedByFault } from '../faults.ts';
import { type GithubState, type Repository, repositoryNamed } from '../github-state.ts';
import type { Accounts } from './accounts.ts';
import { needApp } from './app-operations.ts';
import type { Answer, Call } from './call.ts';
import { operationAt, type RepositoryOperation } from './operations.ts';
import { isGranted, needText } from './permissions.ts';

/** One request as it came in; tokens are never kept. */
export interface RequestEntry {
  readonly method: string;
  /** Path and query, without the prefix of an Enterprise server. */
  readonly path: string;
  readonly isEnterprise: boolean;
  /** GitHub's name of the operation; undefined where it is not covered. */
  readonly operation?: string | undefined;
  /** Null where no answer was sent. */
  readonly status: number | null;
  readonly fault?: FaultKind | undefined;
  /** What was said of a refusal. */
  readonly error?: string | undefined;
}

export type LogEntry = Logged & RequestEntry;

export interface Api {
  readonly state: GithubState;
  readonly accounts: Accounts;
  readonly faults: Faults;
  readonly requests: NumberedLog<RequestEntry>;
  readonly log: Log;
  /** The address of the pages for people. */
  readonly html: () => string;
}

/** What was found out about a request on the way, for its line in the log. */
interface Seen {
  operation?: string;
  fault?: FaultKind;
}

const enterprise = /^\/api\/v3(?=\/|$)/;

/** Answers one request: of github.com below `/`, of an Enterprise server below `/api/v3`. */
export async function answerRequest(api: Api, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { clock } = api.state;
  const { method = 'GET' } = request;
  const url = new URL(request.url ?? '/', 'http://github');
  const isEnterprise = enterprise.test(url.pathname);
  url.pathname = url.pathname.replace(enterprise, '');
  const text = await readBody(request);
  const seen: Seen = {};
  const answer = answerOf(api, { method, url, text, authorization: request.headers.authorization }, seen);
  const { operation } = seen;
  const isGood = answer.status < 400;
  const late =
    isGood && operation !== undefined
      ? api.faults.take(['timeout-after-success', 'http-500-after-success'], { operation, method })
      : undefined;
  const isSilent = late?.kind === 'timeout-after-success';
  const said = isObject(answer.json) ? answer.json['message'] : undefined;
  const status = late === undefined ? answer.status : 500;
  api.requests.add({
    method,
    path: url.pathname + url.search,
    isEnterprise,
    operation,
    status: isSilent ? null : status,
    fault: late?.kind ?? seen.fault,
    error: isGood || typeof said !== 'string' ? undefined : said,
  });
  if (isSilent) {
    clock.after((late.holdMs ?? 30_000) * clock.speed, () => request.socket.destroy());
    return;
  }
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    date: new Date(clock.now()).toUTCString(),
    ...answer.headers,
  });
  response.end(JSON.stringify(late === undefined ? answer.json : { message: 'Server Error' }));
}

interface Reading {
  readonly method: string;
  readonly url: URL;
  readonly text: string;
  readonly authorization: string | undefined;
}

function answerOf(api: Api, reading: Reading, seen: Seen): Answer {
  try {
    return carryOut(api, reading, seen);
  } catch (error) {
    if (error instanceof ApiError) return { status: error.status, json: error.body, headers: error.headers };
    if (!(error instanceof NotCovered)) throw error;
    const { method, url } = reading;
    api.log.error({ method, path: url.pathname }, `the GitHub simulator does not cover ${error.message}`);
    return { status: 501, json: { message: `This pretended GitHub does not cover ${error.message}` } };
  }
}

function carryOut({ accounts, faults, html, state }: Api, reading: Reading, seen: Seen): Answer {
  const { authorization, method, text, url } = reading;
  const match = operationOf(method, url.pathname);
  if (match === undefined) throw new NotCovered('this path');
  const { id, parameters } = match;
  seen.operation = id;
  const fault = faults.take(
    ['http-500', 'http-502', 'secondary-rate-limit', 'rate-limit', 'rate-limit-429', 'bad-credentials'],
    { operation: id, method },
  );
  const caller = accounts.callerOf(authorization);
  if (fault !== undefined) {
    seen.fault = fault.kind;
    throw refusedByFault(fault, caller.key, state.clock.now());
  }
  const body = parseBody(text);
  const { takes } = 'plain' in match ? match.plain : match.ofRepository;
  const unknown = [...url.searchParams.keys(), ...Object.keys(body)].filter((name) => !takes.includes(name));
  if (unknown.length > 0) throw new NotCovered(`the arguments ${unknown.join(', ')} of ${id}`);
  const parameter = (name: string): string => parameters[name] ?? '';
  const call: Call = { state, accounts, caller, parameter, query: url.searchParams, body, html: html() };
  if ('plain' in match) return match.plain.answer(call);
  const repository = repositoryFor(call, match.ofRepository);
  return match.ofRepository.answer({ ...call, repository, actor: 'actor' in caller ? caller.actor : accounts.bot });
}

/** The repository of a call, if this caller may do this to it. Throws GitHub's 401, 403 and 404. */
function repositoryFor(call: Call, { method, need }: RepositoryOperation): Repository {
  const { accounts, caller, parameter, state } = call;
  const repository = repositoryNamed(state, `${parameter('owner')}/${parameter('repo')}`);
  if (need === null) {
    needApp(caller.kind);
    if (repository?.installed !== true) throw notFound();
    return repository;
  }
  // An app's own token says who it is, and opens nothing.
  if (caller.kind === 'app') throw new ApiError(403, 'Resource not accessible by integration');
  if (caller.kind === 'anonymous' || repository === undefined) throw notFound();
  if (caller.kind === 'installation' && !caller.sees(repository)) throw notFound();
  if (!isGranted(caller.permissions, need)) {
    const whom = caller.actor === accounts.bot ? 'integration' : 'personal access token';
    const headers = { 'x-accepted-github-permissions': needText(need) };
    throw new ApiError(403, `Resource not accessible by ${whom}`, {}, headers);
  }
  if (repository.isArchived && method !== 'GET') {
    throw new ApiError(403, 'Repository was archived so is read-only.');
  }
  return repository;
}

function operationOf(method: string, pathname: string): ReturnType<typeof operationAt> {
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
