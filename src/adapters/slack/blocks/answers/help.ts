import { type CommandWord, commandWords } from '../../../../core/talk/command.ts';
import { type Answer, answerOf } from '../answer.ts';
import { context, section } from '../elements.ts';
import { escapeLine } from '../escape.ts';

/** What examples are made of: names that exist here and may be shown; null where there are none yet. */
export interface HelpNames {
  readonly cluster: string | null;
  readonly namespace: string | null;
  readonly workload: string | null;
  readonly incident: string | null;
}

interface Help {
  readonly does: string;
  /** What stands behind the word in an example that works here; null where nothing does yet. */
  readonly example: (names: HelpNames) => string | null;
  /** Whether `/oom help` shows it; the others are shown by `/oom help all`. */
  readonly basic: boolean;
}

/** What each command does, with an example, in this order. */
const commands: Readonly<Record<CommandWord, Help>> = {
  list: { does: 'what is open', example: ({ cluster }) => cluster ?? '', basic: true },
  why: {
    does: 'why something was killed: an incident, a workload or a pod',
    example: ({ workload, incident }) => workload ?? incident,
    basic: true,
  },
  top: { does: 'who is killed most, growing, nearest to the limit', example: placeOf, basic: true },
  handoff: { does: 'what the next shift must know', example: () => '', basic: true },
  debt: { does: 'limits and requests far above what is used', example: placeOf, basic: true },
  status: { does: 'how I am doing, cluster by cluster', example: () => '', basic: true },
  pause: {
    does: 'stop all changes to clusters at once, with a reason',
    example: ({ cluster }) => [cluster ?? '', 'release'].join(' ').trim(),
    basic: true,
  },
  resume: { does: 'let approved changes go ahead again', example: ({ cluster }) => cluster ?? '', basic: true },
  show: {
    does: 'an incident as it stands now, with the link to its thread',
    example: ({ workload, incident }) => workload ?? incident,
    basic: false,
  },
  report: { does: 'whether the changes of the last days held', example: () => '30d', basic: false },
  test: { does: 'a kill to look at: one small pod, marked as a test', example: placeOf, basic: false },
  help: { does: 'all commands', example: () => 'all', basic: false },
};

/** `/oom help`, and with `all` of them `/oom help all`. */
export function renderHelp(names: HelpNames, all: boolean): Answer {
  const title = '*Oomkeeper* watches for memory kills and says why they happened.';
  const order = Object.keys(commands).flatMap((name) => commandWords.find((word) => word === name) ?? []);
  const lines = order
    .filter((word) => all || commands[word].basic)
    .map((word) => `\`${typedOf(word, names)}\`  ${commands[word].does}`);
  const more = all ? '' : ' `/oom help all` shows the other commands.';
  const hint = `Names may stand in any order. Only you see the answers; add \`--share\` to show one to the channel.${more}`;
  return answerOf([section(title), section(lines.join('\n')), context(hint)], [title, ...lines, hint]);
}

/** For an unknown command: the nearest one, else the list. */
export function renderUnknownCommand(word: string, meant: CommandWord | null, names: HelpNames): Answer {
  if (meant === null) {
    const help = renderHelp(names, false);
    const line = `I do not know *${escapeLine(word)}*.`;
    return answerOf([section(line), ...help.blocks], [line, help.text]);
  }
  const typed = `/oom ${meant}`;
  const example = typedOf(meant, names);
  const line = `Did you mean \`${typed}\`?${example === typed ? '' : ` For example: \`${example}\``}`;
  return answerOf([section(line)], [line]);
}

/** For `why` and `show` alone: what to type behind it. */
export function renderWhich(word: 'why' | 'show', names: HelpNames): Answer {
  const example = commands[word].example(names);
  const line = `Which one? Type an incident, a workload or a pod behind it${example === null ? '' : `, for example \`/oom ${word} ${escapeLine(example)}\``}. What is open: \`/oom list\``;
  return answerOf([section(line)], [line]);
}

function typedOf(word: CommandWord, names: HelpNames): string {
  const example = commands[word].example(names) ?? '…';
  return ['/oom', word, ...(example === '' ? [] : [escapeLine(example)])].join(' ');
}

function placeOf({ cluster, namespace }: HelpNames): string {
  return cluster === null ? '' : [cluster, ...(namespace === null ? [] : [namespace])].join('/');
}
