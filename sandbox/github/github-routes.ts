import type { Route, RouteAnswer } from '../http-router.ts';
import { isObject, textAt } from '../slack/json.ts';
import type { GithubControl, Outcome, PullChoice } from './github-control.ts';

const incomplete: RouteAnswer = { status: 400, json: { ok: false, error: 'invalid_arguments' } };

/** GitHub's part of the control API: what its page drives the repositories with. */
export function githubRoutes({ control }: { readonly control: GithubControl }): readonly Route[] {
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
  ];
}

function onPull(body: unknown, act: (choice: PullChoice) => Outcome): RouteAnswer {
  if (!isObject(body)) return incomplete;
  const [repo, user] = [textAt(body, 'repo'), textAt(body, 'user')];
  const { number } = body;
  if (repo === undefined || user === undefined || typeof number !== 'number') return incomplete;
  const outcome = act({ repo, number, user });
  return { status: outcome.ok ? 200 : 409, json: outcome };
}
