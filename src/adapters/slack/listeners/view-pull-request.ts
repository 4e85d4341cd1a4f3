import type { BlockAction, ButtonAction, Middleware, SlackActionMiddlewareArgs } from '@slack/bolt';
import type { ListenerDeps } from './deps.ts';
import { acknowledged } from './tell.ts';

/** A button that is a link: Slack opens it, and wants to be told that the click has arrived. */
export function onViewPullRequest(
  deps: ListenerDeps,
): Middleware<SlackActionMiddlewareArgs<BlockAction<ButtonAction>>> {
  return async ({ ack }) => acknowledged(ack, deps.log);
}
