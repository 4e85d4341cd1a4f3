import type { BlockAction, ButtonAction, Middleware, SlackActionMiddlewareArgs } from '@slack/bolt';
import type { ListenerDeps } from './deps.ts';
import { recordClick } from './record-click.ts';
import { acknowledged } from './tell.ts';

/** Acknowledge: somebody looks after the incident. Needs no right. */
export function onAcknowledge(deps: ListenerDeps): Middleware<SlackActionMiddlewareArgs<BlockAction<ButtonAction>>> {
  return async ({ ack, action, body, respond }) => {
    await acknowledged(ack, deps.log);
    await recordClick(deps, { request: 'acknowledge', value: action.value, action, body, respond });
  };
}
