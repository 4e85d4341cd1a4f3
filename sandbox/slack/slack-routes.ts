import type { Route, RouteAnswer } from '../http-router.ts';
import { isFaultKind } from './faults.ts';
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
    { method: 'GET', path: '/slack/log', handle: async () => ({ ndjson: slack.requestLog() }) },
    { method: 'GET', path: '/slack/messages', handle: async () => ({ ndjson: slack.messageLog() }) },
    { method: 'GET', path: '/slack/faults', handle: async () => ({ json: slack.faults.list() }) },
    { method: 'POST', path: '/slack/faults', handle: async ({ body }) => injected(slack, body) },
    {
      method: 'DELETE',
      path: '/slack/faults',
      handle: async () => {
        slack.faults.clear();
        return { json: { ok: true } };
      },
    },
  ];
}

const incomplete: RouteAnswer = { status: 400, json: { ok: false, error: 'invalid_arguments' } };

function injected(slack: Slack, body: unknown): RouteAnswer {
  if (!isObject(body) || !isFaultKind(body['kind']))
    return { status: 400, json: { ok: false, error: 'unknown_fault' } };
  const { count, holdMs, kind } = body;
  const fault = slack.faults.inject({
    kind,
    method: textAt(body, 'method'),
    channel: textAt(body, 'channel'),
    count: typeof count === 'number' ? count : undefined,
    holdMs: typeof holdMs === 'number' ? holdMs : undefined,
  });
  return { json: { id: fault.id, fired: fault.fired } };
}

/** The properties of a request's body that are strings. */
function strings(body: unknown): Partial<Record<string, string>> {
  if (!isObject(body)) return {};
  return Object.fromEntries(Object.keys(body).map((key) => [key, textAt(body, key)]));
}
