import type { BlockAction, ButtonAction, Middleware, SlackActionMiddlewareArgs } from '@slack/bolt';
import type { ListenerDeps } from './deps.ts';
import { recordClick } from './record-click.ts';
import { acknowledged } from './tell.ts';

/** Approve: the yes to a plan that somebody asked for. */
export function onApprove(deps: ListenerDeps): Middleware<SlackActionMiddlewareArgs<BlockAction<ButtonAction>>> {
  return async ({ ack, action, body, respond }) => {
    await acknowledged(ack, deps.log);
    await recordClick(deps, { request: 'approve', value: action.value, action, body, respond });
  };
}
