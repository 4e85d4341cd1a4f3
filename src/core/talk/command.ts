import { readPeriod, type ReportPeriod } from '../report/report-period.ts';
import { nearest } from './edit-distance.ts';
import { bounded } from '../units/text-bounds.ts';

export const commandWords = [
  'top',
  'list',
  'why',
  'show',
  'handoff',
  'status',
  'pause',
  'resume',
  'debt',
  'report',
  'test',
  'help',
] as const;
export type CommandWord = (typeof commandWords)[number];

/** What somebody typed behind `/oom`. `scope` holds names of clusters, namespaces, and `cluster/namespace`. */
export type Command =
  | { readonly is: 'top' | 'list' | 'status' | 'handoff' | 'debt' | 'test'; readonly scope: readonly string[] }
  | ({ readonly is: 'report' } & Pick<ReportPeriod, 'days'> & { readonly scope: readonly string[] })
  /** What was typed may be an incident's id, names (of a pod or workload, and where it is), or either. */
  | { readonly is: 'show' | 'why'; readonly incident: string | null; readonly names: readonly string[] }
  | { readonly is: 'which'; readonly word: 'show' | 'why' }
  | { readonly is: 'pause'; readonly scope: readonly string[]; readonly reason: string | null }
  | { readonly is: 'resume'; readonly scope: readonly string[] }
  | { readonly is: 'help'; readonly all: boolean }
  | { readonly is: 'unknown'; readonly word: string; readonly meant: CommandWord | null };

/** A command, and whether its answer is for everybody in the channel. */
export interface Asked {
  readonly command: Command;
  readonly share: boolean;
}

/** Editors and phones make a dash of two hyphens. */
const shareWord = /^(?:--|[\u2013\u2014])share$/i;

/**
 * Reads the text of the slash command. Upper and lower case are one; nothing at all asks for help; an incident's id
 * alone asks why. `--share` may stand anywhere. `clusters` are the names that exist: a first word of `pause` that is one
 * of them is where to pause, and everything after it is the reason.
 */
export function parseCommand(text: string, clusters: readonly string[] = []): Asked {
  const words = text.trim().split(/\s+/).filter(Boolean);
  const rest = words.filter((word) => !shareWord.test(word));
  return { command: readCommand(rest, clusters), share: rest.length < words.length };
}

function readCommand([first = 'help', ...rest]: readonly string[], clusters: readonly string[]): Command {
  const typed = first.toLowerCase();
  const word = asWord(typed);
  switch (word) {
    case 'top':
    case 'list':
    case 'status':
    case 'handoff':
    case 'debt':
    case 'test':
      return { is: word, scope: rest.map((name) => name.toLowerCase()) };
    case 'report': {
      const { days, rest: names } = readPeriod(rest);
      return { is: 'report', days, scope: names.map((name) => name.toLowerCase()) };
    }
    case 'show':
    case 'why': {
      return rest.length === 0 ? { is: 'which', word } : readAbout(word, rest);
    }
    case 'pause':
      return readPause(rest, clusters);
    case 'resume':
      return { is: 'resume', scope: rest.map((name) => name.toLowerCase()) };
    case 'help':
      return { is: 'help', all: rest[0]?.toLowerCase() === 'all' };
    case null: {
      if (/^inc-/i.test(typed)) return readAbout('why', [typed]);
      const [meant] = nearest(typed, commandWords, 1, typed.length > 4 ? 2 : 1);
      return { is: 'unknown', word: first, meant: meant === undefined ? null : asWord(meant) };
    }
  }
}

/** An id is four or more letters and digits, with or without `INC-`; a name alone may look like one without. */
function readAbout(is: 'show' | 'why', words: readonly string[]): Command {
  const id = words.find((word) => /^inc-/i.test(word));
  if (id !== undefined) return { is, incident: readIncidentId(id), names: [] };
  const [only = ''] = words.length === 1 ? words : [];
  const mayBeId = /^(?:inc)?[0-9a-z]{4,12}$/i.test(only);
  return { is, incident: mayBeId ? readIncidentId(only) : null, names: words.map((word) => word.toLowerCase()) };
}

/** `pause off` is how some remember `resume`. */
function readPause(words: readonly string[], clusters: readonly string[]): Command {
  const named = words.findIndex((word) => !clusters.includes(word.toLowerCase()));
  const count = named === -1 ? words.length : named;
  const scope = words.slice(0, count).map((name) => name.toLowerCase());
  const rest = words.slice(count);
  if (rest.length === 1 && rest[0]?.toLowerCase() === 'off') return { is: 'resume', scope };
  const reason = bounded(rest.join(' '), 'pauseReason');
  return { is: 'pause', scope, reason: reason === '' ? null : reason };
}

/** `inc-7f3k`, `7F3K` -> `INC-7F3K`; letters that Crockford's base32 does not have are read as what they look like. */
function readIncidentId(text: string): string {
  const rest = text.toUpperCase().replace(/^INC-?/, '');
  return `INC-${rest.replaceAll('O', '0').replaceAll(/[IL]/g, '1')}`;
}

function asWord(word: string): CommandWord | null {
  return commandWords.find((one) => one === word) ?? null;
}
