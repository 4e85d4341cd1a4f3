import { mark } from './mark.ts';

/** Where an address ends in text. */
const afterUrl = /[\s"'`<>\\]/g;
const afterAuthority = /[/?#]/;

/**
 * Hides user and password of every URL, whatever its scheme and however many hosts it names:
 * `redis://[redacted]@a:1,b:2/0`. A password in which `/`, `?` or `#` stand as they are is hidden up to the last `@` of
 * the address if a colon says that there is one.
 */
export function redactUrls(text: string): string {
  let at = text.indexOf('://');
  if (at === -1) return text;
  const parts: string[] = [];
  let from = 0;
  while (at !== -1) {
    const begin = at + 3;
    afterUrl.lastIndex = begin;
    const end = afterUrl.exec(text)?.index ?? text.length;
    const length = userInfoLength(text.slice(begin, end));
    if (length > 0) {
      parts.push(text.slice(from, begin), mark);
      from = begin + length;
    }
    at = text.indexOf('://', Math.max(end, begin));
  }
  return parts.join('') + text.slice(from);
}

function userInfoLength(address: string): number {
  const slash = address.search(afterAuthority);
  const authority = slash === -1 ? address : address.slice(0, slash);
  const at = authority.lastIndexOf('@');
  if (at !== -1) return at;
  const colon = authority.indexOf(':');
  const isPort = colon === -1 || /^\d{1,5}(?:,|$)/.test(authority.slice(colon + 1)) || authority.startsWith('[');
  return isPort ? 0 : Math.max(0, address.lastIndexOf('@'));
}
