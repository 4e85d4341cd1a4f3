import type { BlockAction, ButtonAction, Middleware, SlackActionMiddlewareArgs } from '@slack/bolt';
import { renderSentence } from '../blocks/answer.ts';
import { decodePage } from '../blocks/answers/pages.ts';
import { answerCommand } from './answers/answer-command.ts';
import type { ListenerDeps } from './deps.ts';
import { acknowledged, reply, replyInPlace } from './reply.ts';
import { parseCommand } from '../../../core/talk/command.ts';

const UNREADABLE = 'I cannot read which page this button is about. Nothing changed; please type the command again.';

/** Next and Previous below a list: the answer is edited, as the list is now and as this person may see it. */
export function onTurnPage(deps: ListenerDeps): Middleware<SlackActionMiddlewareArgs<BlockAction<ButtonAction>>> {
  return async ({ ack, action, body, respond, client }) => {
    await acknowledged(ack, deps.log);
    const wanted = decodePage(action.value);
    if (wanted === null || !hasPages(wanted.text)) {
      await reply(respond, renderSentence(UNREADABLE));
      return;
    }
    const place = { user: body.user.id, channel: body.channel?.id ?? '', client };
    await replyInPlace(respond, answerCommand(deps, { ...wanted, ...place }));
  };
}

/** A button never carries out what only a typed command may: pausing, for example. */
function hasPages(text: string): boolean {
  const { command, share } = parseCommand(text);
  return (command.is === 'list' || command.is === 'top' || command.is === 'debt') && !share;
}
