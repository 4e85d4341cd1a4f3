import type { Middleware, SlackCommandMiddlewareArgs, webApi } from '@slack/bolt';
import { Failure } from '../../../core/failure.ts';
import { type Asked, type Command, parseCommand } from '../../../core/talk/command.ts';
import { type Answer, renderSentence } from '../blocks/answer.ts';
import { renderHelp, renderUnknownCommand } from '../blocks/help.ts';
import { answerList } from './answers/answer-list.ts';
import { answerPause } from './answers/answer-pause.ts';
import { answerPod } from './answers/answer-pod.ts';
import { answerShow, answerWhy } from './answers/answer-incident.ts';
import { answerReport } from './answers/answer-report.ts';
import { answerStatus } from './answers/answer-status.ts';
import { answerTop } from './answers/answer-top.ts';
import type { ListenerDeps } from './deps.ts';
import { acknowledged, replySoon } from './reply.ts';
import { type Sight, sightOf } from './sight.ts';

/** `/oom …`: acknowledged at once, answered to the person alone, or with `--share` to the channel. */
export function onOomCommand(deps: ListenerDeps): Middleware<SlackCommandMiddlewareArgs> {
  return async ({ ack, command, respond, client }) => {
    await acknowledged(ack, deps.log);
    const { user_id: user, channel_id: channel, text } = command;
    const { share } = parseCommand(text);
    await replySoon(respond, answerTo(deps, text, { user, channel, share, client }), share);
  };
}

async function answerTo(
  deps: ListenerDeps,
  text: string,
  {
    user,
    channel,
    share,
    client,
  }: Pick<Asker, 'user' | 'client'> & { readonly channel: string; readonly share: boolean },
): Promise<Answer> {
  const { command } = await read(deps, text);
  const sight = await sightOf(deps, { channel, user, shared: share });
  return answer(deps, command, { user, client, sight });
}

interface Asker {
  readonly user: string;
  readonly client: webApi.WebClient;
  readonly sight: Sight;
}

async function answer(deps: ListenerDeps, command: Command, { user, ...reader }: Asker): Promise<Answer> {
  switch (command.is) {
    case 'top':
      return answerTop(deps, command.scope, reader.sight);
    case 'list':
      return answerList(deps, command.scope, reader.sight);
    case 'status':
      return answerStatus(deps, command.scope, reader.sight);
    case 'report':
      return answerReport(deps, { words: command.scope, days: command.days, sight: reader.sight });
    case 'show':
      return answerShow(deps, command.incident, reader);
    case 'why':
      return command.incident === null
        ? answerPod(deps, command.pod ?? '', reader)
        : answerWhy(deps, { id: command.incident, only: null, pod: command.pod }, reader);
    case 'which':
      return renderSentence(
        `Which one? For example: /oom ${command.word} INC-7F3K. The ids are in /oom list.${command.word === 'why' ? ' A pod or workload will do too.' : ''}`,
      );
    case 'pause':
    case 'resume': {
      const { mayNotAsk, mayNotPause } = deps.people;
      const mayNot = await (command.is === 'pause' ? mayNotPause : mayNotAsk)(user);
      if (mayNot !== null) return renderSentence(mayNot);
      const reason = command.is === 'pause' ? command.reason : null;
      const want = command.is === 'pause' ? 'paused' : 'running';
      const groups = [...(await deps.groupsOf(user))];
      return answerPause(deps, { words: command.scope, sight: reader.sight }, { want, by: user, groups, reason });
    }
    case 'help':
      return renderHelp();
    case 'unknown':
      return renderUnknownCommand(command.word, command.meant);
  }
}

/** Only `pause` needs the clusters, to tell a name from a reason; other commands do not wait for a slow Redis. */
async function read(deps: ListenerDeps, text: string): Promise<Asked> {
  const asked = parseCommand(text);
  if (asked.command.is !== 'pause') return asked;
  try {
    return parseCommand(
      text,
      (await deps.clusters()).map(({ name }) => name),
    );
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    // The command itself cannot read them either, and says so.
    return asked;
  }
}
