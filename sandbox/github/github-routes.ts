import type { Route, RouteAnswer } from '../http-router.ts';
import { isObject, textAt } from '../slack/json.ts';
import { isFaultKind } from './faults.ts';
import type { Outcome, PullChoice } from './github-control.ts';
import type { Github } from './start-github.ts';

/** GitHub's part of the control API: what the page, the tests and the demo drive the repositories with. */
export function githubRoutes(github: Github): readonly Route[] {
  const { control, faults } = github;
  return [
    { method: 'GET', path: '/github/state', handle: async () => ({ json: control.state() }) },
    {
      method: 'GET',
      path: '/github/events',
      handle: async () => ({
        events: (send) => {
          send('state', { version: control.version() });
          return control.subscribe((version) => {
            send('state', { version });
          });
        },
      }),
    },
    { method: 'POST', path: '/github/merge', handle: async ({ body }) => onPull(body, control.merge) },
    { method: 'POST', path: '/github/close', handle: async ({ body }) => onPull(body, control.close) },
    {
      method: 'GET',
      path: '/github/files',
      handle: async ({ query }) => ({
        json: control.files(query.get('repo') ?? '', query.get('ref') ?? undefined),
      }),
    },
    {
      method: 'POST',
      path: '/github/files',
      handle: async ({ body }) => {
        if (!isObject(body)) return incomplete;
        const repo = textAt(body, 'repo');
        const files = textsOf(body['files']);
        if (repo === undefined || files === undefined) return incomplete;
        const [branch, message, user] = ['branch', 'message', 'user'].map((name) => textAt(body, name));
        return outcome(control.push({ repo, files, branch, message, user }));
      },
    },
    {
      method: 'POST',
      path: '/github/webhook',
      handle: async ({ body }) => {
        const url = isObject(body) ? body['url'] : undefined;
        if (url !== null && (typeof url !== 'string' || !URL.canParse(url))) return incomplete;
        control.setWebhook(url);
        return { json: { ok: true } };
      },
    },
    { method: 'GET', path: '/github/deliveries', handle: async () => ({ ndjson: control.deliveries() }) },
    {
      method: 'POST',
      path: '/github/redeliver',
      handle: async ({ body }) => {
        const guid = isObject(body) ? textAt(body, 'guid') : undefined;
        return guid === undefined ? incomplete : outcome(control.redeliver(guid));
      },
    },
    { method: 'GET', path: '/github/log', handle: async () => ({ ndjson: github.requestLog() }) },
    { method: 'GET', path: '/github/faults', handle: async () => ({ json: faults.list() }) },
    { method: 'POST', path: '/github/faults', handle: async ({ body }) => injected(github, body) },
    {
      method: 'DELETE',
      path: '/github/faults',
      handle: async () => {
        faults.clear();
        return { json: { ok: true } };
      },
    },
  ];
}

const incomplete: RouteAnswer = { status: 400, json: { ok: false, error: 'invalid_arguments' } };

function outcome(result: Outcome): RouteAnswer {
  return { status: result.ok ? 200 : 409, json: result };
}

function onPull(body: unknown, act: (choice: PullChoice) => Outcome): RouteAnswer {
  if (!isObject(body)) return incomplete;
  const [repo, user] = [textAt(body, 'repo'), textAt(body, 'user')];
  const { number } = body;
  if (repo === undefined || user === undefined || typeof number !== 'number') return incomplete;
  return outcome(act({ repo, number, user }));
}

function textsOf(value: unknown): Readonly<Record<string, string | null>> | undefined {
  if (!isObject(value)) return undefined;
  const texts: Record<string, string | null> = {};
  for (const [path, text] of Object.entries(value)) {
    if (typeof text !== 'string' && text !== null) return undefined;
    texts[path] = text;
  }
  return texts;
}

function injected({ faults }: Github, body: unknown): RouteAnswer {
  if (!isObject(body) || !isFaultKind(body['kind'])) {
    return { status: 400, json: { ok: false, error: 'unknown_fault' } };
  }
  const { kind } = body;
  const [count, afterS, holdMs] = ['count', 'afterS', 'holdMs'].map((name) => {
    const value = body[name];
    return typeof value === 'number' ? value : undefined;
  });
  const [operation, method] = [textAt(body, 'operation'), textAt(body, 'method')];
  return { json: { id: faults.inject({ kind, operation, method, count, afterS, holdMs }).id } };
}
