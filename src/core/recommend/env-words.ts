import { wordsOf } from '../diagnose/runtimes/words.ts';
import type { EnvChange } from './recommendation.ts';

/** The words of a variable that a change takes out and puts in, and whether others stay. */
export interface ChangedWords {
  readonly gone: string;
  readonly added: string;
  readonly othersStay: boolean;
}

/**
 * Only the words that differ. The rest of the value may hold secrets (`-Djavax.net.ssl.keyStorePassword=…`) and is never
 * shown.
 */
export function changedWords({ from, to }: Pick<EnvChange, 'from' | 'to'>): ChangedWords {
  const [was, is] = [wordsOf(from ?? ''), wordsOf(to)];
  const [before, after] = [new Set(was), new Set(is)];
  return {
    gone: was.filter((word) => !after.has(word)).join(' '),
    added: is.filter((word) => !before.has(word)).join(' '),
    othersStay: was.some((word) => after.has(word)),
  };
}

/** A change of a variable for people: `JAVA_TOOL_OPTIONS: -Xmx900m -> -Xmx384m`. */
export function envWords(change: EnvChange): string {
  const { gone, added } = changedWords(change);
  return gone === '' ? `${change.name}: ${added}` : `${change.name}: ${gone} -> ${added}`;
}
