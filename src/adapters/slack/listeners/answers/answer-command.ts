import type { webApi } from '@slack/bolt';
import { Failure } from '../../../../core/failure.ts';
import { type Asked, type Command, parseCommand } from '../../../../core/talk/command.ts';
import { type Answer, renderSentence } from '../../blocks/answer.ts';
import { renderHelp, renderUnknownCommand, renderWhich } from '../../blocks/answers/help.ts';
import type { ListenerDeps } from '../deps.ts';
import { type Sight, sightOf } from '../sight.ts';
import { answerDebt } from './answer-debt.ts';
import { answerHandoff } from './answer-handoff.ts';
import { answerList } from './answer-list.ts';
import { answerPause } from './answer-pause.ts';
import { answerReport } from './answer-report.ts';
import { answerStatus } from './answer-status.ts';
import { helpNames } from './help-names.ts';
import { answerTest } from './answer-test.ts';
import { answerTop } from './answer-top.ts';
import { answerWhat } from './answer-what.ts';

/** What somebody typed behind `/oom`, and where. */
export interface CommandTyped {
  readonly text: string;
  readonly user: string;
  readonly channel: string;
  readonly client: webApi.WebClient;
  /** The row that a list begins with. */
  readonly from: number;
}

/** The answer to a command; a sentence if it cannot be answered. */
export async function answerCommand(deps: ListenerDeps, typed: CommandTyped): Promise<Answer> {
  const { text, user, channel, client, from } = typed;
  const { command, share } = await read(deps, text);
  const sight = await sightOf(deps, { channel, user, shared: share });
  return answer(deps, command, { user, client, sight, from, turn: share ? null : text });
}

interface Asker {
  readonly user: string;
  readonly client: webApi.WebClient;
  readonly sight: Sight;
  readonly from: number;
  /** The command that turns the page; null where the answer is not edited. */
  readonly turn: string | null;
}

async function answer(deps: ListenerDeps, command: Command, { user, from, turn, ...reader }: Asker): Promise<Answer> {
  const { sight } = reader;
  switch (command.is) {
    case 'top':
      return answerTop(deps, { words: command.scope, sight, from, turn });
    case 'list':
      return answerList(deps, { words: command.scope, sight, from, turn });
    case 'handoff':
      return answerHandoff(deps, command.scope, sight);
    case 'debt':
      return answerDebt(deps, { words: command.scope, sight, from, turn });
    case 'status':
      return answerStatus(deps, command.scope, sight);
    case 'report':
      return answerReport(deps, { words: command.scope, days: command.days, sight });
    case 'show':
    case 'why':
      return answerWhat(deps, command, reader);
    case 'which':
      return renderWhich(command.word, await helpNames(deps, sight));
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
    case 'test': {
      const mayNot = await deps.people.mayNotAsk(user);
      if (mayNot !== null) return renderSentence(mayNot);
      const groups = [...(await deps.groupsOf(user))];
      return answerTest(deps, { words: command.scope, ...reader, by: user, groups });
    }
    case 'help':
      return renderHelp(await helpNames(deps, sight), command.all);
    case 'unknown':
      return renderUnknownCommand(command.word, command.meant, await helpNames(deps, sight));
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
