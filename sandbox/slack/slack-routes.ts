import type { Route, RouteAnswer } from '../http-router.ts';
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
    ...homeRoutes(slack),
    {
      method: 'GET',
      path: '/slack/file',
      handle: async ({ query }) => {
        const file = slack.control.file(query.get('id') ?? '');
        if (file?.bytes === undefined || file.kind === undefined) {
          return { status: 404, json: { ok: false, error: 'file_not_found' } };
        }
        // Nothing in it may run in a browser.
        const headers = { 'content-type': file.kind.mimetype, 'x-content-type-options': 'nosniff' };
        return { bytes: file.bytes, headers: { ...headers, 'cache-control': 'no-store' } };
      },
    },
  ];
}

function viewRoutes({ control }: Slack): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/slack/view/act',
      handle: async ({ body }) => {
        const { action_id: actionId, block_id: blockId, user, value } = strings(body);
        if (actionId === undefined || user === undefined) return incomplete;
        const enter = isObject(body) && body['enter'] === true;
        return { json: await control.viewAct({ user, actionId, blockId, value, enter }) };
      },
    },
    {
      method: 'POST',
      path: '/slack/view/submit',
      handle: async ({ body }) => {
        const { user } = strings(body);
        if (user === undefined) return incomplete;
        const values = isObject(body) ? allStrings(body['values'] ?? {}) : undefined;
        if (values === undefined) return incomplete;
        return { json: await control.viewSubmit({ user, values }) };
      },
    },
    {
      method: 'POST',
      path: '/slack/view/close',
      handle: async ({ body }) => {
        const { user } = strings(body);
        return user === undefined ? incomplete : { json: await control.viewClose(user) };
      },
    },
  ];
}

function homeRoutes({ control }: Slack): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/slack/home/open',
      handle: async ({ body }) => {
        const { user } = strings(body);
        return user === undefined ? incomplete : { json: await control.homeOpen(user) };
      },
    },
    {
      method: 'POST',
      path: '/slack/home/act',
      handle: async ({ body }) => {
        const { action_id: actionId, block_id: blockId, user, value } = strings(body);
        if (actionId === undefined || user === undefined) return incomplete;
        return { json: await control.homeAct({ user, actionId, blockId, value }) };
      },
    },
  ];
}

const incomplete: RouteAnswer = { status: 400, json: { ok: false, error: 'invalid_arguments' } };

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
