import type { BlockAction, ButtonAction, Middleware, SlackActionMiddlewareArgs } from '@slack/bolt';
import type { ListenerDeps } from './deps.ts';
import { recordClick } from './record-click.ts';
import { acknowledged } from './tell.ts';

/** Reject: the no to a plan. */
export function onReject(deps: ListenerDeps): Middleware<SlackActionMiddlewareArgs<BlockAction<ButtonAction>>> {
  return async ({ ack, action, body, respond }) => {
    await acknowledged(ack, deps.log);
    await recordClick(deps, { request: 'reject', value: action.value, action, body, respond });
  };
}
