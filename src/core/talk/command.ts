import { nearest } from './edit-distance.ts';

export const commandWords = ['list', 'why', 'help'] as const;
export type CommandWord = (typeof commandWords)[number];

/** What somebody typed behind `/oom`. */
export type Command =
  | { readonly is: 'list'; readonly scope: readonly string[] }
  | { readonly is: 'why'; readonly incident: string }
  | { readonly is: 'why-what' }
  | { readonly is: 'help' }
  | { readonly is: 'unknown'; readonly word: string; readonly meant: CommandWord | null };

/** A command, and whether its answer is for everybody in the channel. */
export interface Asked {
  readonly command: Command;
  readonly share: boolean;
}

/** Slack's editor and phones make a dash of two hyphens. */
const shareWord = /^(?:--|[\u2013\u2014])share$/i;

/**
 * Reads the text of the slash command. Upper and lower case are one; nothing at all asks for help; an incident's id
 * alone asks why. `scope` holds names of clusters and namespaces; `--share` may stand anywhere.
 */
export function parseCommand(text: string): Asked {
  const words = text.trim().split(/\s+/).filter(Boolean);
  const rest = words.filter((word) => !shareWord.test(word));
  return { command: readCommand(rest), share: rest.length < words.length };
}

function readCommand([first = 'help', ...rest]: readonly string[]): Command {
  const word = first.toLowerCase();
  switch (word) {
    case 'list':
      return { is: 'list', scope: rest.map((name) => name.toLowerCase()) };
    case 'why': {
      const [id] = rest;
      return id === undefined ? { is: 'why-what' } : { is: 'why', incident: readIncidentId(id) };
    }
    case 'help':
      return { is: 'help' };
    default: {
      if (/^inc-/i.test(word)) return { is: 'why', incident: readIncidentId(word) };
      const [meant] = nearest(word, commandWords, 1, word.length > 4 ? 2 : 1);
      return { is: 'unknown', word: first, meant: meant === undefined ? null : asWord(meant) };
    }
  }
}

/** `inc-7f3k`, `7F3K` -> `INC-7F3K`; letters that Crockford's base32 does not have are read as what they look like. */
function readIncidentId(text: string): string {
  const rest = text.toUpperCase().replace(/^INC-?/, '');
  return `INC-${rest.replaceAll('O', '0').replaceAll(/[IL]/g, '1')}`;
}

function asWord(word: string): CommandWord | null {
  return commandWords.find((one) => one === word) ?? null;
}
