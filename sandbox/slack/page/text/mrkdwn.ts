/**
 * As much of Slack's own markup (`mrkdwn`) as the bot writes. It is not Markdown: one asterisk is bold, `#` is nothing, a
 * marker counts only at the edge of a word, and `&lt;` `&gt;` `&amp;` are the only escapes. The form of the angle-bracket
 * tokens is that of https://docs.slack.dev/messaging/formatting-message-text.
 */
import { emojiGlyph } from './emoji.ts';

export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'emoji'; readonly name: string; readonly glyph: string }
  | { readonly kind: 'bold' | 'italic' | 'strike' | 'quote'; readonly children: readonly Inline[] }
  /** Between three back-ticks: as it is, over several lines. */
  | { readonly kind: 'preformatted'; readonly text: string }
  | { readonly kind: 'link'; readonly url: string; readonly text: string }
  /** A person, a group, or everybody: `U…`, `S…` or `channel`. */
  | { readonly kind: 'mention'; readonly id: string }
  /** `name` is what the text says of it, '' for nothing. */
  | { readonly kind: 'channel'; readonly id: string; readonly name: string }
  | { readonly kind: 'date'; readonly seconds: number; readonly format: string; readonly fallback: string };

const entities: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&' };
const unescapeEntities = (text: string): string =>
  text.replaceAll(/&(?:lt|gt|amp);/g, (entity) => entities[entity] ?? entity);

const parseToken = (body: string): Inline | null => {
  const [target = '', label = ''] = body.split('|', 2).map(unescapeEntities);
  const [, seconds, format] = /^!date\^(\d+)\^([^^]+)$/.exec(target) ?? [];
  if (seconds !== undefined && format !== undefined) {
    return { kind: 'date', seconds: Number(seconds), format, fallback: label };
  }
  const channel = /^#(C[A-Z0-9]+)$/.exec(target)?.[1];
  if (channel !== undefined) return { kind: 'channel', id: channel, name: label };
  const id = /^(?:@|!subteam\^|!)([USW][A-Z0-9]+|here|channel|everyone)$/.exec(target)?.[1];
  if (id !== undefined) return { kind: 'mention', id };
  if (/^https?:\/\//i.test(target)) return { kind: 'link', url: target, text: label === '' ? target : label };
  return null;
};

// NOTE: what a style holds has no marker of its kind in it, so that a long text of markers is read once.
const markup =
  /`(?<code>[^`\n]+)`|<(?<token>[^<>\n]+)>|:(?<emoji>[a-z0-9_+-]+):|(?<url>https?:\/\/[^\s<>|*]+)|(?<![\p{L}\p{N}*])\*(?<bold>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\p{L}\p{N}*])|(?<![\p{L}\p{N}_])_(?<italic>[^\s_](?:[^_\n]*[^\s_])?)_(?![\p{L}\p{N}_])|(?<![\p{L}\p{N}~])~(?<strike>[^\s~](?:[^~\n]*[^\s~])?)~(?![\p{L}\p{N}~])/gu;

const parsed = ({ groups = {} }: RegExpExecArray, verbatim: boolean): Inline | null => {
  const { bold, code, emoji, italic, strike, token, url } = groups;
  if (code !== undefined) return { kind: 'code', text: unescapeEntities(code) };
  if (token !== undefined) return parseToken(token);
  if (url !== undefined)
    return verbatim ? null : { kind: 'link', url: unescapeEntities(url), text: unescapeEntities(url) };
  if (bold !== undefined) return { kind: 'bold', children: parseLine(bold, verbatim) };
  if (italic !== undefined) return { kind: 'italic', children: parseLine(italic, verbatim) };
  if (strike !== undefined) return { kind: 'strike', children: parseLine(strike, verbatim) };
  const glyph = emojiGlyph(emoji ?? '');
  return glyph === undefined ? null : { kind: 'emoji', name: emoji ?? '', glyph };
};

const parseLine = (text: string, verbatim: boolean): readonly Inline[] => {
  const inlines: Inline[] = [];
  let from = 0;
  const say = (to: number): void => {
    if (to > from) inlines.push({ kind: 'text', text: unescapeEntities(text.slice(from, to)) });
  };
  for (const match of text.matchAll(markup)) {
    const inline = parsed(match, verbatim);
    if (inline === null) continue;
    say(match.index);
    inlines.push(inline);
    from = match.index + match[0].length;
  }
  say(text.length);
  return inlines;
};

/** NOTE: Slack stores a sent `>` as `&gt;`, and both quote at the beginning of a line. */
const quoted = /^(?:&gt;|>) ?/;

/** Lines outside of preformatted text; those that are quoted stand together. */
const parseLines = (text: string, verbatim: boolean): readonly Inline[] => {
  const groups: { readonly isQuote: boolean; readonly lines: string[] }[] = [];
  for (const line of text.split('\n')) {
    const isQuote = quoted.test(line);
    const last = groups.at(-1);
    const said = isQuote ? line.replace(quoted, '') : line;
    if (last?.isQuote === isQuote) last.lines.push(said);
    else groups.push({ isQuote, lines: [said] });
  }
  return groups.flatMap(({ isQuote, lines }): readonly Inline[] => {
    const children = parseLine(lines.join('\n'), verbatim);
    return isQuote ? [{ kind: 'quote', children }] : children;
  });
};

const fence = '```';

/**
 * A text with its markup; line ends stay in it, except for those beside a preformatted or quoted part, which stands on
 * lines of its own. `verbatim` as in Slack's text objects: bare addresses are no links. Never throws; what is no markup
 * is text.
 */
export const parseMrkdwn = (text: string, verbatim: boolean): readonly Inline[] => {
  const inlines: Inline[] = [];
  let from = 0;
  for (;;) {
    const opens = text.indexOf(fence, from);
    const closes = opens < 0 ? -1 : text.indexOf(fence, opens + fence.length + 1);
    if (closes < 0) break;
    const before = text.slice(from, opens).replace(/\n$/, '');
    if (before !== '') inlines.push(...parseLines(before, verbatim));
    const inside = text
      .slice(opens + fence.length, closes)
      .replace(/^\n/, '')
      .replace(/\n$/, '');
    inlines.push({ kind: 'preformatted', text: unescapeEntities(inside) });
    from = closes + fence.length;
    if (text[from] === '\n') from += 1;
  }
  return from < text.length ? [...inlines, ...parseLines(text.slice(from), verbatim)] : inlines;
};
