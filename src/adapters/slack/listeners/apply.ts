import type { BlockAction, ButtonAction, Middleware, SlackActionMiddlewareArgs } from '@slack/bolt';
import type { ListenerDeps } from './deps.ts';
import { recordClick } from './record-click.ts';
import { acknowledged } from './tell.ts';

/** Apply: by somebody who may approve it is request and approval in one, by anybody else a request. The worker decides. */
export function onApply(deps: ListenerDeps): Middleware<SlackActionMiddlewareArgs<BlockAction<ButtonAction>>> {
  return async ({ ack, action, body, respond }) => {
    await acknowledged(ack, deps.log);
    await recordClick(deps, { request: 'apply', value: action.value, action, body, respond });
  };
}
