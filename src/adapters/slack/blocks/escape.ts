import { invisible } from '../../../core/units/invisible.ts';

/*
 * Everything that comes from a cluster is hostile: a pod label, a webhook's message or a log line may hold a mention, a
 * fake link, a fake heading or a right-to-left override. Slack forms a mention or a link only from `<…>`, so escaping
 * the three characters that Slack reserves is what keeps us safe; the rest keeps messages from looking like something
 * else.
 */

/** Characters that format in mrkdwn, by look-alikes that do not. */
const lookAlikes: Readonly<Record<string, string>> = { '`': 'ˋ', '*': '∗', '~': '∼' };
const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

const everybody = /@(?=(?:here|channel|everyone|group)\b)/giu;
/** `:100:` and `:+1:` are emoji too; the minutes of a time are none. */
const shortcode = /:(?=[\p{L}\p{M}\p{N}_+'-]+:)(?!(?<=\d:)\d\d:\d)/gu;
const edgeUnderscore = /(?<![A-Za-z0-9_])_|_(?![A-Za-z0-9_])/gu;

/** Cluster text for a mrkdwn object, lines kept. The result forms no mention, link, emoji or format. */
export function escapeText(text: string): string {
  return text
    .replaceAll(invisible, ' ')
    .replaceAll(shortcode, '꞉')
    .replaceAll(edgeUnderscore, 'ˍ')
    .replaceAll(/[`*~]/g, (character) => lookAlikes[character] ?? character)
    .replaceAll(/[&<>]/g, (character) => entities[character] ?? character)
    .replaceAll(everybody, '@\u2060');
}

/** The same in one line. */
export function escapeLine(text: string): string {
  return escapeText(text.replaceAll(/\s+/g, ' ').trim());
}

/** Cluster text for plain_text and rich_text elements, which format nothing: only what is invisible goes. */
export function plainText(text: string): string {
  return text.replaceAll(invisible, ' ');
}

/** `<@U123>` for a Slack user id, `<!subteam^S123>` for a user group's, and the escaped text for anything else. */
export function mention(user: string): string {
  if (/^S[A-Z0-9]+$/.test(user)) return `<!subteam^${user}>`;
  return /^[UW][A-Z0-9]+$/.test(user) ? `<@${user}>` : escapeLine(user);
}

/**
 * A link. Slack makes none of a bare address in text that is `verbatim`. The address comes from others; it is encoded so
 * that it cannot end the link, and anything but http is only named.
 */
export function linkTo(url: string, text: string): string {
  if (!/^https?:\/\//.test(url)) return escapeLine(text);
  return `<${encodeURI(url).replaceAll('%25', '%').replaceAll('|', '%7C')}|${escapeLine(text)}>`;
}

/** Escapes a text and puts the people's mentions where `{0}`, `{1}`, … stand. */
export function withPeople(text: string, people: readonly string[]): string {
  return escapeText(text).replaceAll(/\{(\d)\}/g, (whole, index: string) => {
    const user = people[Number(index)];
    return user === undefined ? whole : mention(user);
  });
}
