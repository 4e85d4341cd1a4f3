import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SandboxClock } from '../../clock.ts';
import { readBody } from '../../http-router.ts';
import { type Args, readArgs } from './args.ts';
import { type FaultKind, type Faults, refusalFaults } from '../faults.ts';
import { isObject, type JsonObject, textAt } from '../json.ts';
import type { Log } from '../log.ts';
import type { Method, World } from './method.ts';
import { appMethods } from './app-methods.ts';
import { chatMethods } from './chat-methods.ts';
import { conversationMethods } from './conversations-methods.ts';
import { fileMethods } from './files-methods.ts';
import { viewMethods } from './views-methods.ts';
import type { RateLimits } from './rate-limits.ts';
import { logUncovered, Refusal } from '../refusal.ts';
import type { RequestLog } from '../request-log.ts';

const methods: Readonly<Record<string, Method>> = {
  ...appMethods,
  ...chatMethods,
  ...conversationMethods,
  ...fileMethods,
  ...viewMethods,
};

/** Names of the Web API methods that are answered. */
export const coveredMethods: readonly string[] = Object.keys(methods).toSorted();

export interface WebApi {
  readonly world: World;
  readonly clock: SandboxClock;
  readonly limits: RateLimits;
  readonly faults: Faults;
  readonly requests: RequestLog;
  readonly log: Log;
}

interface Answer {
  readonly status: number;
  readonly body: JsonObject;
  readonly retryAfter?: number;
}

const alwaysAllowed = ['pretty', 'team_id', 'token'];

/** Answers `POST /api/NAME` (or GET), as a form or as JSON. */
export async function answerCall(
  api: WebApi,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { token, ...raw } = await readArguments(request);
  const args = readArgs(raw);
  const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const channel = channelId(api.world, args);
  const answer = answerOf(api, name, bearer ?? (typeof token === 'string' ? token : undefined), args);
  const ok = answer.body['ok'] === true;
  const unknown = unknownArguments(name, args);
  if (unknown.length > 0) api.log.error({ method: name, unknown }, 'Slack does not know these arguments');
  api.requests.add({
    kind: 'api',
    method: name,
    channel,
    ts: textAt(answer.body, 'ts') ?? args.text('ts'),
    ok,
    error:
      textAt(answer.body, 'error') ?? (unknown.length > 0 ? `unknown_arguments: ${unknown.join(', ')}` : undefined),
    body: raw,
  });
  if (api.faults.take(['cut-after-work'], { method: name, channel }) !== undefined) {
    request.socket.destroy();
    return;
  }
  const silence = ok ? api.faults.take(['timeout-after-success'], { method: name, channel }) : undefined;
  if (silence !== undefined) {
    api.clock.after((silence.holdMs ?? 30_000) * api.clock.speed, () => request.socket.destroy());
    return;
  }
  response.writeHead(answer.status, {
    'content-type': 'application/json; charset=utf-8',
    'x-oauth-scopes': api.world.workspace.scopes.join(','),
    'x-accepted-oauth-scopes': (methods[name]?.scopes ?? []).join(','),
    ...(answer.retryAfter === undefined ? {} : { 'retry-after': String(answer.retryAfter) }),
  });
  response.end(JSON.stringify(answer.body));
}

function answerOf(api: WebApi, name: string, token: string | undefined, args: Args): Answer {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  const channel = channelId(api.world, args);
  const fault = (kinds: readonly FaultKind[]) => api.faults.take(kinds, { method: name, channel });
  if (method === undefined) {
    api.log.error({ method: name }, 'this Slack does not cover the method');
    return refused('unknown_method', { req_method: name });
  }
  if (fault(['api-down'])) return { status: 503, body: { ok: false, error: 'service_unavailable' } };
  if (fault(['http-500'])) return { status: 500, body: { ok: false, error: 'internal_error' } };
  const burst = fault(['ratelimited']);
  const rateKey = method.tier === 'posting' ? `${name}/${channel ?? ''}` : name;
  const waitS = burst === undefined ? api.limits.take(method.tier, rateKey) : 1;
  if (waitS > 0) return { status: 429, body: { ok: false, error: 'ratelimited' }, retryAfter: waitS };
  const refusal = fault(refusalFaults);
  if (refusal !== undefined) return refused(refusal.kind);
  try {
    checkToken(api.world, method, token);
    for (const required of method.required) args.need(required);
    return { status: 200, body: { ok: true, ...method.run({ args, world: api.world }) } };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    logUncovered(api.log, error);
    return refused(error.code, error.extra);
  }
}

function refused(error: string, extra: JsonObject = {}): Answer {
  return { status: 200, body: { ok: false, error, ...extra } };
}

function checkToken(world: World, method: Method, token: string | undefined): void {
  if (method.token === 'none') return;
  const { appToken, botToken, scopes } = world.workspace;
  if (token === undefined) throw new Refusal('not_authed');
  if (token !== appToken && token !== botToken) throw new Refusal('invalid_auth');
  if (token !== (method.token === 'app' ? appToken : botToken)) throw new Refusal('not_allowed_token_type');
  if (method.scopes.length > 0 && !method.scopes.some((scope) => scopes.includes(scope))) {
    throw new Refusal('missing_scope', { needed: method.scopes.join(','), provided: scopes.join(',') });
  }
}

function channelId(world: World, args: Args): string | undefined {
  const named = args.text('channel') ?? args.text('channel_id');
  if (named === undefined) return undefined;
  const name = named.replace(/^#/, '');
  return world.store.channels().find((channel) => channel.id === named || channel.name === name)?.id ?? named;
}

function unknownArguments(name: string, args: Args): readonly string[] {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (method === undefined) return [];
  const known = [...method.required, ...method.optional, ...alwaysAllowed];
  return args.names().filter((argument) => !known.includes(argument));
}

async function readArguments(request: IncomingMessage): Promise<JsonObject> {
  const query = Object.fromEntries(new URL(request.url ?? '/', 'http://slack').searchParams);
  const text = await readBody(request);
  if (!(request.headers['content-type'] ?? '').startsWith('application/json')) {
    return { ...query, ...Object.fromEntries(new URLSearchParams(text)) };
  }
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) ? { ...query, ...body } : query;
  } catch {
    return query;
  }
}
