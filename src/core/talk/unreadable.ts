import { mostNamed } from './words.ts';

/** What a list says of stored documents that it leaves out; nothing where there are none. Names are not escaped. */
export function unreadableLines(names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const others = names.length - mostNamed;
  const shown = [...names.slice(0, mostNamed), ...(others > 0 ? [`${others} more`] : [])].join(', ');
  return [
    names.length === 1
      ? `1 stored document could not be read and is left out: ${shown}. The log says why.`
      : `${names.length} stored documents could not be read and are left out: ${shown}. The log says why.`,
  ];
}
