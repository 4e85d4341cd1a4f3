import type { Route, RouteAnswer } from '../http-router.ts';
import { isFaultKind } from './faults.ts';
import { headersFor } from './files/file-transfer.ts';
import { isObject, textAt } from './json.ts';
import type { Slack } from './start-slack.ts';

/** The Slack part of the control API: what the page, the tests and the demo drive the workspace with. */
export function slackRoutes(slack: Slack): readonly Route[] {
  return [
    { method: 'GET', path: '/slack/state', handle: async () => ({ json: slack.control.state() }) },
    {
      method: 'GET',
      path: '/slack/events',
      handle: async () => ({
        events: (send) => {
          send('state', { version: slack.store.version() });
          return slack.control.subscribe((version) => {
            send('state', { version });
          });
        },
      }),
    },
    {
      method: 'POST',
      path: '/slack/command',
      handle: async ({ body }) => {
        const { channel, text, user } = strings(body);
        if (channel === undefined || text === undefined || user === undefined) return incomplete;
        return { json: await slack.control.command({ channel, text, user }) };
      },
    },
    {
      method: 'POST',
      path: '/slack/click',
      handle: async ({ body }) => {
        const { action_id: actionId, block_id: blockId, channel, ts, user, value } = strings(body);
        if (actionId === undefined || channel === undefined || ts === undefined || user === undefined)
          return incomplete;
        const stale = isObject(body) && body['stale'] === true;
        return { json: await slack.control.click({ user, channel, ts, actionId, blockId, value, stale }) };
      },
    },
    ...viewRoutes(slack),
    ...deliveryRoutes(slack),
    {
      method: 'GET',
      path: '/slack/file',
      handle: async ({ query }) => {
        const file = slack.control.file(query.get('id') ?? '');
        return file?.bytes === undefined || !file.completed
          ? { status: 404, json: { ok: false, error: 'file_not_found' } }
          : { bytes: file.bytes, headers: headersFor(file) };
      },
    },
    { method: 'GET', path: '/slack/log', handle: async () => ({ ndjson: slack.requestLog() }) },
    { method: 'GET', path: '/slack/messages', handle: async () => ({ ndjson: slack.messageLog() }) },
    { method: 'GET', path: '/slack/faults', handle: async () => ({ json: slack.faults.list() }) },
    { method: 'POST', path: '/slack/faults', handle: async ({ body }) => injected(slack, body) },
    {
      method: 'DELETE',
      path: '/slack/faults',
      handle: async ({ query }) =>
        slack.faults.clear(query.get('id') ?? undefined)
          ? { json: { ok: true } }
          : { status: 404, json: { ok: false, error: 'no_such_fault' } },
    },
  ];
}

function viewRoutes({ control }: Slack): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/slack/view/act',
      handle: async ({ body }) => {
        const { action_id: actionId, block_id: blockId, user, value, view_id: viewId } = strings(body);
        if (actionId === undefined || user === undefined) return incomplete;
        const enter = isObject(body) && body['enter'] === true;
        return { json: await control.viewAct({ user, viewId, actionId, blockId, value, enter }) };
      },
    },
    {
      method: 'POST',
      path: '/slack/view/submit',
      handle: async ({ body }) => {
        const { user, view_id: viewId } = strings(body);
        if (user === undefined) return incomplete;
        const values = isObject(body) ? allStrings(body['values'] ?? {}) : undefined;
        if (values === undefined) return incomplete;
        return { json: await control.viewSubmit({ user, viewId, values }) };
      },
    },
    {
      method: 'POST',
      path: '/slack/view/close',
      handle: async ({ body }) => {
        const { user } = strings(body);
        if (user === undefined) return incomplete;
        return { json: await control.viewClose({ user, clear: isObject(body) && body['clear'] === true }) };
      },
    },
    {
      method: 'POST',
      path: '/slack/home',
      handle: async ({ body }) => {
        const { user } = strings(body);
        return user === undefined ? incomplete : { json: await control.openHome(user) };
      },
    },
  ];
}

function deliveryRoutes({ control }: Slack): readonly Route[] {
  return [
    { method: 'GET', path: '/slack/delivery', handle: async () => ({ json: control.delivery() }) },
    {
      method: 'POST',
      path: '/slack/delivery',
      handle: async ({ body }) => {
        const { mode, url } = strings(body);
        if (mode === 'socket') control.setDelivery({ mode });
        else if (mode === 'http' && url !== undefined && URL.canParse(url)) control.setDelivery({ mode, url });
        else return incomplete;
        return { json: { ok: true } };
      },
    },
    {
      method: 'POST',
      path: '/slack/delivery/verify',
      handle: async () => {
        const delivery = control.delivery();
        if (delivery.mode === 'socket') return { status: 409, json: { ok: false, error: 'no_url' } };
        const { challenge, sslCheck } = await control.http.verify(delivery.url);
        return { json: { ok: challenge && sslCheck, challenge, ssl_check: sslCheck } };
      },
    },
    { method: 'GET', path: '/slack/delivery/sent', handle: async () => ({ ndjson: control.http.sent() }) },
    {
      method: 'POST',
      path: '/slack/delivery/replay',
      handle: async ({ body }) => {
        const n = isObject(body) ? body['n'] : undefined;
        const answer = await control.http.replay(typeof n === 'number' ? n : undefined);
        return typeof answer === 'string'
          ? { json: { ok: false, error: answer } }
          : { json: { ok: true, status: answer.status, body: answer.body } };
      },
    },
  ];
}

const incomplete: RouteAnswer = { status: 400, json: { ok: false, error: 'invalid_arguments' } };

function injected(slack: Slack, body: unknown): RouteAnswer {
  if (!isObject(body) || !isFaultKind(body['kind']))
    return { status: 400, json: { ok: false, error: 'unknown_fault' } };
  const { count, forMs, holdMs, kind } = body;
  const fault = slack.faults.inject({
    kind,
    method: textAt(body, 'method'),
    channel: textAt(body, 'channel'),
    count: typeof count === 'number' ? count : undefined,
    holdMs: typeof holdMs === 'number' ? holdMs : undefined,
    forMs: typeof forMs === 'number' ? forMs : undefined,
    standing: body['standing'] === true ? true : undefined,
  });
  return { json: { id: fault.id, fired: fault.fired } };
}

/** The properties of a request's body that are strings. */
function strings(body: unknown): Partial<Record<string, string>> {
  if (!isObject(body)) return {};
  return Object.fromEntries(Object.keys(body).map((key) => [key, textAt(body, key)]));
}

/** An object of strings; undefined when it is anything else. */
function allStrings(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isObject(value)) return undefined;
  const entries = Object.entries(value).flatMap(([key, item]) =>
    typeof item === 'string' ? [[key, item] as const] : [],
  );
  return entries.length === Object.keys(value).length ? Object.fromEntries(entries) : undefined;
}
