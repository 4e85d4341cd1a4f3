import type { BlockAction, ButtonAction, Middleware, SlackActionMiddlewareArgs } from '@slack/bolt';
import { Failure } from '../../../core/failure.ts';
import { renderSentence } from '../blocks/answer.ts';
import { decodeStormValue } from '../blocks/button-value.ts';
import { askForAll, type ForAll } from './ask-for-all.ts';
import type { ListenerDeps } from './deps.ts';
import { acknowledged, reply } from './reply.ts';

const UNREADABLE = 'I cannot read which storm this button is about. Nothing changed; /oom list shows what is open.';
const TRY_AGAIN =
  'I cannot reach my store at the moment, so I do not know what was recorded. Please try again in a minute; nothing is done twice.';

/** The buttons for all incidents of a storm. */
export function onStorm(wanted: ForAll) {
  return (deps: ListenerDeps): Middleware<SlackActionMiddlewareArgs<BlockAction<ButtonAction>>> =>
    async ({ ack, action, body, respond }) => {
      await acknowledged(ack, deps.log);
      const storm = decodeStormValue(action.value);
      if (storm === null) {
        await reply(respond, renderSentence(UNREADABLE));
        return;
      }
      const key = [action.action_id, action.action_ts, action.value].join('\n');
      try {
        const { text, people } = await askForAll(deps, { ...wanted, storm, user: body.user.id, key });
        await reply(respond, renderSentence(text, people));
      } catch (failure) {
        if (!(failure instanceof Failure)) throw failure;
        deps.log.error({ error: failure, storm }, 'storm not asked for');
        await reply(respond, renderSentence(TRY_AGAIN));
      }
    };
}
