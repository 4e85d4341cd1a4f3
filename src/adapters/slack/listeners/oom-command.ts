import type { Middleware, SlackCommandMiddlewareArgs } from '@slack/bolt';
import { type Command, parseCommand } from '../../../core/talk/command.ts';
import { type Answer, renderSentence } from '../blocks/answer.ts';
import { renderHelp, renderUnknownCommand } from '../blocks/help.ts';
import { answerList } from './answer-list.ts';
import { answerWhy } from './answer-why.ts';
import type { ListenerDeps } from './deps.ts';
import { acknowledged, share, tell } from './tell.ts';

/** `/oom …`: acknowledged at once, answered to the person alone, or with `--share` to the channel. */
export function onOomCommand(deps: ListenerDeps): Middleware<SlackCommandMiddlewareArgs> {
  return async ({ ack, command, respond }) => {
    await acknowledged(ack, deps.log);
    const asked = parseCommand(command.text);
    const found = await answer(deps, asked.command);
    await (asked.share ? share(respond, found) : tell(respond, found));
  };
}

async function answer(deps: ListenerDeps, command: Command): Promise<Answer> {
  switch (command.is) {
    case 'list':
      return answerList(deps, command.scope);
    case 'why':
      return answerWhy(deps, command.incident, null);
    case 'why-what':
      return renderSentence('Which one? For example: /oom why INC-7F3K. The ids are in /oom list.');
    case 'help':
      return renderHelp();
    case 'unknown':
      return renderUnknownCommand(command.word, command.meant);
  }
}
