import type { CommandWord } from '../../../core/talk/command.ts';
import { type Answer, answerOf } from './answer.ts';
import { context, section } from './elements.ts';
import { escapeLine } from './escape.ts';

/** What each command does, with an example. At most eight are shown. */
const commands: readonly { readonly word: CommandWord; readonly does: string; readonly example: string }[] = [
  { word: 'top', does: 'who is killed most, growing, nearest to the limit', example: '/oom top prod/shop' },
  { word: 'list', does: 'open incidents, of a cluster or namespace if you name one', example: '/oom list shop' },
  { word: 'show', does: 'an incident as it stands now, with the link to its thread', example: '/oom show INC-7F3K' },
  { word: 'why', does: 'why an incident happened, or what the exits of a pod were', example: '/oom why INC-7F3K' },
  { word: 'status', does: 'how I am doing, cluster by cluster', example: '/oom status' },
  { word: 'pause', does: 'stop all changes to clusters at once', example: '/oom pause release freeze' },
  { word: 'resume', does: 'let approved changes go ahead again', example: '/oom resume' },
  { word: 'help', does: 'this list', example: '/oom help' },
];

/** `/oom help`. */
export function renderHelp(): Answer {
  const title = '*Oomkeeper* watches for memory kills and says why they happened.';
  const lines = commands.slice(0, 8).map(({ example, does }) => `\`${example}\`  ${does}`);
  const hint = 'Only you see the answers; add `--share` to show one to the channel.';
  return answerOf([section(title), section(lines.join('\n')), context(hint)], [title, ...lines, hint]);
}

/** A word that is no command: the nearest one, else the list. */
export function renderUnknownCommand(word: string, meant: CommandWord | null): Answer {
  const known = commands.find((command) => command.word === meant);
  if (known === undefined) {
    const help = renderHelp();
    const line = `I do not know *${escapeLine(word)}*.`;
    return answerOf([section(line), ...help.blocks], [line, help.text]);
  }
  const typed = `/oom ${known.word}`;
  const line = `Did you mean \`${typed}\`?${known.example === typed ? '' : ` For example: \`${known.example}\``}`;
  return answerOf([section(line)], [line]);
}
