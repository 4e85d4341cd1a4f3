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
  | { readonly kind: 'bold' | 'italic'; readonly children: readonly Inline[] }
  | { readonly kind: 'link'; readonly url: string; readonly text: string }
  /** A person, a group, or everybody: `U…`, `S…` or `channel`. */
  | { readonly kind: 'mention'; readonly id: string }
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
  const id = /^(?:@|!subteam\^|!)([USW][A-Z0-9]+|here|channel|everyone)$/.exec(target)?.[1];
  if (id !== undefined) return { kind: 'mention', id };
  if (/^https?:\/\//i.test(target)) return { kind: 'link', url: target, text: label === '' ? target : label };
  return null;
};

// NOTE: what a style holds has no marker of its kind in it, so that a long text of markers is read once.
const markup =
  /`(?<code>[^`\n]+)`|<(?<token>[^<>\n]+)>|:(?<emoji>[a-z0-9_+-]+):|(?<![\p{L}\p{N}*])\*(?<bold>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\p{L}\p{N}*])|(?<![\p{L}\p{N}_])_(?<italic>[^\s_](?:[^_\n]*[^\s_])?)_(?![\p{L}\p{N}_])/gu;

const parsed = ({ groups = {} }: RegExpExecArray): Inline | null => {
  const { bold, code, emoji, italic, token } = groups;
  if (code !== undefined) return { kind: 'code', text: unescapeEntities(code) };
  if (token !== undefined) return parseToken(token);
  if (bold !== undefined) return { kind: 'bold', children: parseMrkdwn(bold) };
  if (italic !== undefined) return { kind: 'italic', children: parseMrkdwn(italic) };
  const glyph = emojiGlyph(emoji ?? '');
  return glyph === undefined ? null : { kind: 'emoji', name: emoji ?? '', glyph };
};

/** A text with its markup; line ends stay in it. Never throws; what is no markup is text. */
export const parseMrkdwn = (text: string): readonly Inline[] => {
  const inlines: Inline[] = [];
  let from = 0;
  const say = (to: number): void => {
    if (to > from) inlines.push({ kind: 'text', text: unescapeEntities(text.slice(from, to)) });
  };
  for (const match of text.matchAll(markup)) {
    const inline = parsed(match);
    if (inline === null) continue;
    say(match.index);
    inlines.push(inline);
    from = match.index + match[0].length;
  }
  say(text.length);
  return inlines;
};
