import type { BlockAction, Middleware, SlackActionMiddlewareArgs } from '@slack/bolt';
import { renderSentence } from '../blocks/answer.ts';
import type { ListenerDeps } from './deps.ts';
import { acknowledged, tell } from './tell.ts';

const TEXT =
  'I do not know this button; the message may come from another version of Oomkeeper. Nothing was done. See /oom help.';

/** A button that no listener knows: left over from another version, or made by somebody else. */
export function onUnknownAction(deps: ListenerDeps): Middleware<SlackActionMiddlewareArgs<BlockAction>> {
  return async ({ ack, action, respond }) => {
    await acknowledged(ack, deps.log);
    deps.log.warn({ action: action.action_id.slice(0, 100) }, 'unknown action');
    await tell(respond, renderSentence(TEXT));
  };
}
