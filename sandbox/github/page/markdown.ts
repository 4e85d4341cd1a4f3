/**
 * As much Markdown as pull requests are written in: headings, paragraphs, lists, quotes, code, tables, and in lines
 * bold, italic, struck, code and links. HTML is not read: it stays text, except comments, which are left out.
 */
export type Span =
  | { readonly kind: 'text' | 'code'; readonly text: string }
  | { readonly kind: 'strong' | 'emphasis' | 'struck'; readonly spans: readonly Span[] }
  | { readonly kind: 'link'; readonly url: string; readonly spans: readonly Span[] };

export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly spans: readonly Span[] }
  | { readonly kind: 'paragraph'; readonly spans: readonly Span[] }
  | { readonly kind: 'code'; readonly language: string; readonly text: string }
  | { readonly kind: 'quote'; readonly blocks: readonly Block[] }
  | { readonly kind: 'list'; readonly isOrdered: boolean; readonly items: readonly (readonly Block[])[] }
  | {
      readonly kind: 'table';
      readonly head: readonly (readonly Span[])[];
      readonly rows: readonly (readonly (readonly Span[])[])[];
    }
  | { readonly kind: 'rule' };

/** Lists and quotes deeper than this are text: hostile input must not exhaust the stack. */
const deepest = 8;

const fence = /^ {0,3}(```+|~~~+) *([\w+-]*)\s*$/;
const heading = /^ {0,3}(#{1,6}) +(.*?)(?: +#+)?\s*$/;
const item = /^( {0,3})(?:[-*+]|(\d{1,9})[.)]) +/;
const rule = /^ {0,3}(?:(?:- *){3,}|(?:\* *){3,}|(?:_ *){3,})$/;
const divider = /^\|? *:?-+:? *(?:\| *:?-+:? *)*\|?\s*$/;

export const parseMarkdown = (text: string): readonly Block[] =>
  parseBlocks(
    text
      .replaceAll(/<!--[\s\S]*?-->/g, '')
      .replaceAll('\r\n', '\n')
      .split('\n'),
    0,
  );

const parseBlocks = (lines: readonly string[], depth: number): readonly Block[] => {
  const blocks: Block[] = [];
  let at = 0;
  const line = (): string => lines[at] ?? '';
  const takeWhile = (wanted: (line: string) => boolean): readonly string[] => {
    const from = at;
    while (at < lines.length && wanted(line())) at += 1;
    return lines.slice(from, at);
  };

  while (at < lines.length) {
    const current = line();
    const [, ticks, language = ''] = fence.exec(current) ?? [];
    const [, signs = '', title = ''] = heading.exec(current) ?? [];
    if (current.trim() === '') {
      at += 1;
    } else if (ticks !== undefined) {
      at += 1;
      const code = takeWhile((next) => !next.trim().startsWith(ticks));
      at += 1;
      blocks.push({ kind: 'code', language, text: code.join('\n') });
    } else if (signs !== '') {
      at += 1;
      blocks.push({ kind: 'heading', level: signs.length, spans: parseSpans(title) });
    } else if (rule.test(current)) {
      at += 1;
      blocks.push({ kind: 'rule' });
    } else if (current.startsWith('>') && depth < deepest) {
      const quoted = takeWhile((next) => next.startsWith('>')).map((next) => next.replace(/^> ?/, ''));
      blocks.push({ kind: 'quote', blocks: parseBlocks(quoted, depth + 1) });
    } else if (item.test(current) && depth < deepest) {
      blocks.push(takeList(depth));
    } else if (current.includes('|') && divider.test(lines[at + 1] ?? '')) {
      const [head = '', , ...rows] = takeWhile((next) => next.includes('|'));
      blocks.push({ kind: 'table', head: cells(head), rows: rows.map(cells) });
    } else {
      const first = at;
      const paragraph = takeWhile((next) => at === first || !startsBlock(next)).map((next) => next.trim());
      blocks.push({ kind: 'paragraph', spans: parseSpans(paragraph.join('\n')) });
    }
  }
  return blocks;

  function takeList(inside: number): Block {
    const isOrdered = item.exec(line())?.[2] !== undefined;
    const items: (readonly Block[])[] = [];
    for (;;) {
      const marker = item.exec(line());
      if (marker === null || (marker[2] !== undefined) !== isOrdered || rule.test(line())) break;
      const [taken] = marker;
      const first = line().slice(taken.length);
      at += 1;
      const indent = ' '.repeat(Math.min(taken.length, 2));
      const rest = takeWhile((next) => next.startsWith(indent) || (next.trim() !== '' && !startsBlock(next)));
      items.push(parseBlocks([first, ...rest.map((next) => unindented(next, taken.length))], inside + 1));
      // One empty line between items is still the same list.
      if (line().trim() === '' && item.test(lines[at + 1] ?? '')) at += 1;
    }
    return { kind: 'list', isOrdered, items };
  }
};

const startsBlock = (line: string): boolean =>
  line.trim() === '' ||
  fence.test(line) ||
  heading.test(line) ||
  item.test(line) ||
  rule.test(line) ||
  line.startsWith('>');

const unindented = (line: string, by: number): string => line.replace(new RegExp(`^ {0,${by}}`), '');

const cells = (row: string): readonly (readonly Span[])[] =>
  row
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '')
    .split(/(?<!\\)\|/)
    .map((cell) => parseSpans(cell.trim().replaceAll(String.raw`\|`, '|')));

const inline =
  /(?<ticks>`+)(?<code>[^`]|[^`][\s\S]*?[^`])\k<ticks>(?!`)|\[(?<label>[^[\]\n]*)\]\((?<url>[^()\s]+)\)|(?<bare>https?:\/\/[^\s<>()]*[^\s<>().,;:!?'"*_])|(?<!\w)\*\*(?<bold>[^\s*](?:[^*\n]*[^\s*])?)\*\*|(?<![\w*])\*(?<star>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])|(?<!\w)_(?<line>[^\s_](?:[^_\n]*[^\s_])?)_(?!\w)|~~(?<struck>[^~\n]+)~~|\\(?<escaped>[\\`*_{}[\]()#+.!|<>~-])/g;

export const parseSpans = (text: string): readonly Span[] => {
  const spans: Span[] = [];
  let at = 0;
  const say = (plain: string): void => {
    if (plain !== '') spans.push({ kind: 'text', text: plain });
  };
  for (const match of text.matchAll(inline)) {
    say(text.slice(at, match.index));
    at = match.index + match[0].length;
    spans.push(spanOf(match[0], match.groups ?? {}));
  }
  say(text.slice(at));
  return spans;
};

const spanOf = (whole: string, groups: Readonly<Partial<Record<string, string>>>): Span => {
  const { bare, bold, code, escaped, label, line, star, struck, url } = groups;
  if (code !== undefined) return { kind: 'code', text: code };
  if (bare !== undefined) return { kind: 'link', url: bare, spans: [{ kind: 'text', text: bare }] };
  if (url !== undefined && label !== undefined) {
    // NOTE: anything but the web stays text, so that no link runs a script.
    return /^https?:\/\//i.test(url) ? { kind: 'link', url, spans: parseSpans(label) } : { kind: 'text', text: whole };
  }
  if (bold !== undefined) return { kind: 'strong', spans: parseSpans(bold) };
  if (star !== undefined || line !== undefined) return { kind: 'emphasis', spans: parseSpans(star ?? line ?? '') };
  if (struck !== undefined) return { kind: 'struck', spans: parseSpans(struck) };
  return { kind: 'text', text: escaped ?? whole };
};
