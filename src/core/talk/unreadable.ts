import { mostNamed } from './words.ts';

/** What a list says of stored documents that it leaves out; nothing where there are none. Names are not escaped, and
 * left out where they may not be shown. */
export function unreadableLines(names: readonly string[], isNamed = true): readonly string[] {
  if (names.length === 0) return [];
  const others = names.length - mostNamed;
  const all = [...names.slice(0, mostNamed), ...(others > 0 ? [`${others} more`] : [])].join(', ');
  const shown = isNamed ? `: ${all}` : '';
  return [
    names.length === 1
      ? `1 stored document could not be read and is left out${shown}. The log says why.`
      : `${names.length} stored documents could not be read and are left out${shown}. The log says why.`,
  ];
}
