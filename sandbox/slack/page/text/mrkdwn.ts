/**
 * Slack's own markup (`mrkdwn`), which is not Markdown: one asterisk is bold, `#` is nothing, a marker counts only
 * at the edge of a word, and `&lt;` `&gt;` `&amp;` are the only escapes. The form of the angle-bracket tokens is that
 * of https://docs.slack.dev/messaging/formatting-message-text.
 */
import { emojiGlyph } from './emoji.ts';

export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'emoji'; readonly name: string; readonly glyph: string }
  | { readonly kind: 'bold' | 'italic' | 'strike'; readonly children: readonly Inline[] }
  | { readonly kind: 'link'; readonly url: string; readonly children: readonly Inline[] }
  | { readonly kind: 'user' | 'channel' | 'usergroup'; readonly id: string; readonly label: string | null }
  | { readonly kind: 'broadcast'; readonly range: string }
  | {
      readonly kind: 'date';
      readonly seconds: number;
      readonly format: string;
      readonly url: string | null;
      readonly fallback: string;
    };

export type Paragraph =
  | { readonly kind: 'lines' | 'quote'; readonly children: readonly Inline[] }
  | { readonly kind: 'preformatted'; readonly text: string };

const entities: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&' };
const unescapeEntities = (text: string): string =>
  text.replaceAll(/&(?:lt|gt|amp);/g, (entity) => entities[entity] ?? entity);

const styles: Readonly<Record<string, 'bold' | 'italic' | 'strike'>> = { '*': 'bold', _: 'italic', '~': 'strike' };
const isWord = (character: string | undefined): boolean => character !== undefined && /[\p{L}\p{N}]/u.test(character);

/** Text only, for the inside of code: tokens are shown by what a reader would see. */
const flatten = (text: string): string =>
  unescapeEntities(
    text.replaceAll(/<([^<>|\n]+)(?:\|([^<>\n]*))?>/g, (_, target: string, label?: string) => label ?? target),
  );

const parseDate = (body: string): Inline | null => {
  const match = /^!date\^(\d+)\^([^^|]+)(?:\^([^|]+))?\|(.*)$/.exec(body);
  const [, seconds, format, url, fallback] = match ?? [];
  if (seconds === undefined || format === undefined) return null;
  return {
    kind: 'date',
    seconds: Number(seconds),
    format,
    url: url ?? null,
    fallback: unescapeEntities(fallback ?? ''),
  };
};

const parseToken = (body: string): Inline | null => {
  if (body.startsWith('!date^')) return parseDate(body);
  const bar = body.indexOf('|');
  const target = bar < 0 ? body : body.slice(0, bar);
  const label = bar < 0 ? null : unescapeEntities(body.slice(bar + 1));
  if (/^@[UWB][A-Z0-9]+$/.test(target)) return { kind: 'user', id: target.slice(1), label };
  if (/^#[CG][A-Z0-9]+$/.test(target)) return { kind: 'channel', id: target.slice(1), label };
  if (target.startsWith('!subteam^')) return { kind: 'usergroup', id: target.slice('!subteam^'.length), label };
  if (/^!(?:here|channel|everyone)$/.test(target)) return { kind: 'broadcast', range: target.slice(1) };
  if (/^(?:https?:\/\/|mailto:|tel:)/i.test(target)) {
    const url = unescapeEntities(target);
    const shown = label === null || label === '' ? url.replace(/^(?:mailto|tel):/i, '') : label;
    return { kind: 'link', url, children: [{ kind: 'text', text: shown }] };
  }
  return null;
};

/** Where the style that opens at `from` ends, or -1: same line, after a non-space, before a non-word; code is skipped. */
const closingMarker = (text: string, from: number, marker: string): number => {
  for (let at = from + 1; at < text.length; at += 1) {
    const character = text[at];
    if (character === '\n') return -1;
    if (character === '`') {
      at += (findCode(text, at)?.end ?? at + 1) - at - 1;
    } else if (character === marker && at > from + 1 && !/\s/.test(text[at - 1] ?? ' ') && !isWord(text[at + 1])) {
      return at;
    }
  }
  return -1;
};

interface Found {
  readonly inline: Inline;
  readonly end: number;
}

const findCode = (text: string, at: number): Found | null => {
  const match = /^`([^`\n]+)`/.exec(text.slice(at));
  return match?.[1] === undefined
    ? null
    : { inline: { kind: 'code', text: flatten(match[1]) }, end: at + match[0].length };
};

const findToken = (text: string, at: number): Found | null => {
  const body = /^<([^<>\n]+)>/.exec(text.slice(at))?.[1];
  const inline = body === undefined ? null : parseToken(body);
  return inline === null || body === undefined ? null : { inline, end: at + body.length + 2 };
};

const findEmoji = (text: string, at: number): Found | null => {
  const match = /^:([a-z0-9_+'-]+):(?::skin-tone-[2-6]:)?/i.exec(text.slice(at));
  const glyph = match?.[1] === undefined ? undefined : emojiGlyph(match[1]);
  if (match?.[1] === undefined || glyph === undefined) return null;
  return { inline: { kind: 'emoji', name: match[1], glyph }, end: at + match[0].length };
};

/** Deeper than anybody writes, and shallow enough for every stack. */
const deepest = 8;

/** By marker, up to where no style can close: without it a long text of opening markers is searched over and over. */
type Unclosed = Map<string, number>;

const findStyled = (text: string, at: number, depth: number, unclosed: Unclosed): Found | null => {
  const marker = text[at] ?? '';
  if (depth === deepest || at < (unclosed.get(marker) ?? 0)) return null;
  const kind = styles[marker];
  const before = text[at - 1];
  if (kind === undefined || isWord(before) || before === marker || /^(?:\s|$)/.test(text.slice(at + 1, at + 2)))
    return null;
  const end = closingMarker(text, at, marker);
  if (end >= 0) return { inline: { kind, children: parseInline(text.slice(at + 1, end), depth + 1) }, end: end + 1 };
  const lineEnd = text.indexOf('\n', at);
  unclosed.set(marker, lineEnd < 0 ? text.length : lineEnd);
  return null;
};

const findBareLink = (text: string, at: number): Found | null => {
  if (isWord(text[at - 1])) return null;
  const match = /^https?:\/\/[^\s<>|`*]*[^\s<>|`*.,;:!?'")\]}]/.exec(text.slice(at));
  if (match === null) return null;
  const url = unescapeEntities(match[0]);
  return { inline: { kind: 'link', url, children: [{ kind: 'text', text: url }] }, end: at + match[0].length };
};

const findAt = (text: string, at: number, depth: number, unclosed: Unclosed): Found | null => {
  switch (text[at]) {
    case '`':
      return findCode(text, at);
    case '<':
      return findToken(text, at);
    case ':':
      return findEmoji(text, at);
    case '*':
    case '_':
    case '~':
      return findStyled(text, at, depth, unclosed);
    case 'h':
      return findBareLink(text, at);
    default:
      return null;
  }
};

/** The inside of one or more lines; line ends stay in the text. */
const parseInline = (text: string, depth = 0): readonly Inline[] => {
  const inlines: Inline[] = [];
  const unclosed: Unclosed = new Map();
  let plainFrom = 0;
  const flush = (to: number): void => {
    if (to > plainFrom) inlines.push({ kind: 'text', text: unescapeEntities(text.slice(plainFrom, to)) });
  };
  for (let at = 0; at < text.length;) {
    const found = findAt(text, at, depth, unclosed);
    if (found === null) {
      at += 1;
    } else {
      flush(at);
      inlines.push(found.inline);
      at = plainFrom = found.end;
    }
  }
  flush(text.length);
  return inlines;
};

const parseLines = (text: string): readonly Paragraph[] => {
  const groups: { quote: boolean; lines: string[] }[] = [];
  for (const line of text.split('\n')) {
    const quoted = /^(?:>|&gt;) ?(.*)$/.exec(line)?.[1];
    const last = groups.at(-1);
    if (last !== undefined && last.quote === (quoted !== undefined)) last.lines.push(quoted ?? line);
    else groups.push({ quote: quoted !== undefined, lines: [quoted ?? line] });
  }
  return groups.map(({ quote, lines }) => ({
    kind: quote ? 'quote' : 'lines',
    children: parseInline(lines.join('\n')),
  }));
};

/** A whole mrkdwn text as paragraphs: lines, quotes and ``` blocks. Never throws; what isn't markup is text. */
export const parseMrkdwn = (text: string): readonly Paragraph[] => {
  const paragraphs: Paragraph[] = [];
  let from = 0;
  for (const fence of text.matchAll(/\n?```\n?([\s\S]+?)\n?```\n?/g)) {
    if (fence.index > from) paragraphs.push(...parseLines(text.slice(from, fence.index)));
    paragraphs.push({ kind: 'preformatted', text: flatten(fence[1] ?? '') });
    from = fence.index + fence[0].length;
  }
  if (from < text.length) paragraphs.push(...parseLines(text.slice(from)));
  return paragraphs;
};

/** `plain_text`: no markup at all, emoji short names apart. */
export const parsePlain = (text: string): readonly Inline[] => {
  const inlines: Inline[] = [];
  let from = 0;
  for (const match of text.matchAll(/:([a-z0-9_+'-]+):/gi)) {
    const [whole, name] = match;
    const glyph = name === undefined ? undefined : emojiGlyph(name);
    if (name === undefined || glyph === undefined) continue;
    if (match.index > from) inlines.push({ kind: 'text', text: text.slice(from, match.index) });
    inlines.push({ kind: 'emoji', name, glyph });
    from = match.index + whole.length;
  }
  if (from < text.length) inlines.push({ kind: 'text', text: text.slice(from) });
  return inlines;
};
