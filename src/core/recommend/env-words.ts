import type { EnvChange } from './env-change.ts';

/** The words of a variable that a change takes out and puts in, one after the other. */
export function changedWords({ words }: EnvChange): { readonly gone: string; readonly added: string } {
  const gone = words.flatMap(({ from }) => from ?? []);
  return { gone: gone.join(' '), added: words.flatMap(({ to }) => (to === '' ? [] : to)).join(' ') };
}

/** A change of a variable for people: `JAVA_TOOL_OPTIONS: -Xmx900m -> -Xmx384m`. */
export function envWords(change: EnvChange): string {
  const { gone, added } = changedWords(change);
  if (added === '') return `${change.name}: without ${gone}`;
  return gone === '' ? `${change.name}: ${added}` : `${change.name}: ${gone} -> ${added}`;
}
