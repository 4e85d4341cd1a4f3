import { type CommandWord, commandWords } from '../../../../core/talk/command.ts';
import { type Answer, answerOf } from '../answer.ts';
import { context, section } from '../elements.ts';
import { escapeLine } from '../escape.ts';

/** What each command does, with an example, in this order. */
const commands: Readonly<Record<CommandWord, { readonly does: string; readonly example: string }>> = {
  top: { does: 'who is killed most, growing, nearest to the limit', example: '/oom top prod/shop' },
  list: { does: 'open incidents, of a cluster or namespace if you name one', example: '/oom list shop' },
  show: { does: 'an incident as it stands now, with the link to its thread', example: '/oom show INC-7F3K' },
  why: { does: 'why an incident happened, or what the exits of a pod were', example: '/oom why INC-7F3K' },
  status: { does: 'how I am doing, cluster by cluster', example: '/oom status' },
  report: { does: 'whether the changes of the last days held', example: '/oom report 30d' },
  pause: { does: 'stop all changes to clusters at once', example: '/oom pause release freeze' },
  resume: { does: 'let approved changes go ahead again', example: '/oom resume' },
  help: { does: 'this list', example: '/oom help' },
};

/** `/oom help`. */
export function renderHelp(): Answer {
  const title = '*Oomkeeper* watches for memory kills and says why they happened.';
  const lines = commandWords
    .filter((word) => word !== 'help')
    .map((word) => commands[word])
    .map(({ example, does }) => `\`${example}\`  ${does}`);
  const hint = 'Only you see the answers; add `--share` to show one to the channel.';
  return answerOf([section(title), section(lines.join('\n')), context(hint)], [title, ...lines, hint]);
}

/** For an unknown command: the nearest one, else the list. */
export function renderUnknownCommand(word: string, meant: CommandWord | null): Answer {
  if (meant === null) {
    const help = renderHelp();
    const line = `I do not know *${escapeLine(word)}*.`;
    return answerOf([section(line), ...help.blocks], [line, help.text]);
  }
  const typed = `/oom ${meant}`;
  const { example } = commands[meant];
  const line = `Did you mean \`${typed}\`?${example === typed ? '' : ` For example: \`${example}\``}`;
  return answerOf([section(line)], [line]);
}
