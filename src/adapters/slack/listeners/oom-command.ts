import type { Middleware, SlackCommandMiddlewareArgs } from '@slack/bolt';
import { parseCommand } from '../../../core/talk/command.ts';
import { answerCommand } from './answers/answer-command.ts';
import type { ListenerDeps } from './deps.ts';
import { acknowledged, replySoon } from './reply.ts';

/** `/oom …`: acknowledged at once, answered to the person alone, or with `--share` to the channel. */
export function onOomCommand(deps: ListenerDeps): Middleware<SlackCommandMiddlewareArgs> {
  return async ({ ack, command, respond, client }) => {
    await acknowledged(ack, deps.log);
    const { user_id: user, channel_id: channel, text } = command;
    const { share } = parseCommand(text);
    await replySoon(respond, answerCommand(deps, { text, user, channel, client, from: 0 }), share);
  };
}
