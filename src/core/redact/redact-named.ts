import { mark } from './mark.ts';

/*
 * Secrets that a name beside them gives away: `DB_PASSWORD=…`, `"token": "…"`, `--api-key …`, `<password>…</password>`,
 * `{"name":"DB_PASSWORD","value":"…"}`, `Authorization: …`. One pass from left to right: what was replaced is not looked
 * at again, and around a name only so many letters are.
 */

const word =
  /pass(?:word|wd|phrase|code)?|pwd|secret|token|credential|(?:proxy-)?authorization|(?:set-)?cookie|signature|sig|(?:api|access|private|account|encryption|signing|master|client|shared|auth|ssh)[-_ ]?key/gi;
const longestName = 60;
const inName = /[\w.-]/;
const tail = /[\w.-]{0,60}/y;

/**
 * How sure a word is. Some mean other things in prose, or in most programs: a token may be counted, credentials may be
 * missing, a signature belongs to a method.
 */
type Kind = 'secret' | 'token' | 'assigned' | 'query' | 'header';

const kinds: Readonly<Record<string, Kind>> = {
  token: 'token',
  pass: 'assigned',
  credential: 'assigned',
  sig: 'query',
  signature: 'query',
  authorization: 'header',
  'proxy-authorization': 'header',
  cookie: 'header',
  'set-cookie': 'header',
};

/** Ends of names of something else: where a secret lies, how long it is, when it ends. */
const aboutSecrets = (
  'name names ref refs file files path paths dir url uri endpoint type types kind length len size sizes count counts total ' +
  'limit limits used usage bytes id ids expiry expires expiration expires_in ttl age seconds per_second issuer provider ' +
  'store manager policy enabled required bucket budget encoder mounts volumes'
).split(' ');
/** With other letters right behind it, it is another word: tokenizer, secretary, passwordless. */
const samewords = /^(?:s|key|keys|value|hash|data|text|string)(?![a-z])/i;

const separator =
  /(?<quote>(?:\\?["']){0,2})(?:,\s{0,3}\\?["']value\\?["']\s{0,3}(?<pair>:)|\s{0,3}(?<sign>=>|->|[:=>]))\s{0,3}(?<open>\\?["'])?/y;
const option = /[ \t]{1,3}(?!-)(?<open>\\?["'])?/y;
/** `token abc…`, `password is abc…`: without a sign only what no word of a language looks like. */
const spoken = /["']?\s{1,3}(?:(?:is|was|of|for)\s{1,3})?["']?(?=(?<value>[\w+/=-]{16,}))/y;
const scheme = /(?:bearer|basic|token|apikey)\s{1,3}/iy;
const aboutGrammar = /(?:unexpected|invalid|illegal|missing)\s{1,3}$/i;
/** No value, whatever comes after it. */
const noValue = /\[(?:redacted|secret)\]/y;
const placeholder = /^(?:null|none|nil|undefined|true|false|\*+|x{3,}|[[{(]+|<[^>]{0,40}>?|\$[({]?[\w.]*[)}]?)$/i;

export function redactNamed(text: string): string {
  word.lastIndex = 0;
  const parts: string[] = [];
  let from = 0;
  for (let found = word.exec(text); found !== null; found = word.exec(text)) {
    const value = valueOf(text, found.index, found[0]);
    if (value === null) continue;
    parts.push(text.slice(from, value.from), mark);
    from = value.to;
    word.lastIndex = value.to;
  }
  return from === 0 ? text : parts.join('') + text.slice(from);
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** A name with a secret word in it, and what stands before it. */
interface Name {
  readonly word: string;
  readonly kind: Kind;
  readonly start: number;
  readonly end: number;
  readonly isQuery: boolean;
}

/** The value that the word at this place names; null where it names none, or nothing secret. */
function valueOf(text: string, at: number, found: string): Span | null {
  const name = nameAround(text, at, found);
  if (name === null) return null;
  const { kind, start, end } = name;
  const sign = matchAt(separator, text, end);
  if (sign !== null) {
    const { quote = '', sign: what = ':', open } = sign.groups ?? {};
    const isQuoted = quote !== '' || open !== undefined;
    if (what === '>' && text[start - 1] !== '<') return null;
    if (kind === 'assigned' && what === ':' && !isQuoted) return null;
    if (kind === 'token' && aboutGrammar.test(text.slice(Math.max(0, start - 14), start))) return null;
    return spanOf(text, end + sign[0].length, open, name);
  }
  if (text.startsWith('--', start)) {
    const gap = matchAt(option, text, end);
    return gap === null ? null : spanOf(text, end + gap[0].length, gap.groups?.['open'], name);
  }
  if (kind !== 'secret' && kind !== 'token') return null;
  const said = matchAt(spoken, text, end);
  const value = said?.groups?.['value'] ?? '';
  const from = end + (said?.[0].length ?? 0);
  return isRandom(value) ? { from, to: from + value.length } : null;
}

function nameAround(text: string, at: number, found: string): Name | null {
  const rest = (matchAt(tail, text, at + found.length)?.[0] ?? '').replace(/[-.]{1,3}$/, '');
  const lower = rest.toLowerCase();
  const kind = kinds[found.toLowerCase()] ?? 'secret';
  const isGlued = /^[a-z]/.test(rest) || (/[A-Z]$/.test(found) && /^[A-Z]/.test(rest));
  if (isGlued && !samewords.test(rest)) return null;
  if (rest !== '' && (kind === 'header' || aboutSecrets.some((end) => lower.endsWith(end)))) return null;
  let start = at;
  while (start > 0 && at - start < longestName && inName.test(text[start - 1] ?? '')) start -= 1;
  const isQuery = /[?&]/.test(text[start - 1] ?? '');
  if (kind === 'query' && !isQuery) return null;
  // `compass` and `bypass` are no passwords; `DB_PASS` and `dbPass` are.
  const isInWord =
    /[a-z]/i.test(text[at - 1] ?? '') && !(/^[A-Z][a-z]/.test(found) && /[a-z]/.test(text[at - 1] ?? ''));
  if (found.length === 4 && kind === 'assigned' && isInWord) return null;
  return { word: found.toLowerCase(), kind, start, end: at + found.length + rest.length, isQuery };
}

/** Null where nothing is said: no value, a placeholder, a number of tokens. */
function spanOf(
  text: string,
  from: number,
  open: string | undefined,
  { kind, word: found, isQuery }: Name,
): Span | null {
  // NOTE: before its end is looked for: what is not replaced is looked at again for the next name.
  if (matchAt(noValue, text, from) !== null || (found === 'pwd' && text[from] === '/')) return null;
  const bare = (): Span => (kind === 'header' ? headerSpan(text, from) : bareSpan(text, from, isQuery));
  const span = open === undefined ? bare() : quoted(text, from, open);
  const value = text.slice(span.from, span.to);
  if (value === '' || placeholder.test(value)) return null;
  const isNumber = (kind === 'token' || kind === 'assigned') && /^[\d.,]{1,9}$/.test(value);
  return isNumber ? null : span;
}

/** Until the same quote; a backslash hides one, unless the quotes themselves are written with one. */
function quoted(text: string, from: number, open: string): Span {
  let to = text.indexOf(open, from);
  while (open.length === 1 && to > from && text[to - 1] === '\\') to = text.indexOf(open, to + 1);
  return { from, to: to === -1 ? text.length : to };
}

const bareEnd = /[\s"'`<>]/g;
const nextField = /[,;]\s?[\w.-]{1,40}["']?\s?[:=]/;

/** Until a space; of a query, and where other fields follow, until the next one. */
function bareSpan(text: string, from: number, isQuery: boolean): Span {
  bareEnd.lastIndex = from;
  const end = bareEnd.exec(text)?.index ?? text.length;
  const next = isQuery ? text.slice(from, end).search(/[&#]/) : text.slice(from, end + longestName).search(nextField);
  const value = text.slice(from, next === -1 ? end : Math.min(end, from + next));
  return { from, to: from + value.replace(/[,;)}\]]{1,4}$/, '').length };
}

/** `Authorization: Bearer …` has two words, `Cookie: a=…; b=…` the whole line. */
function headerSpan(text: string, from: number): Span {
  const two = matchAt(scheme, text, from);
  const begin = from + (two?.[0].length ?? 0);
  const length = text.slice(begin).search(two === null ? /["'`]/ : /[\s"'`,;]/);
  return { from: begin, to: length === -1 ? text.length : begin + length };
}

/** No word, name or path: hexadecimal digits, or letters of both cases and digits. */
function isRandom(value: string): boolean {
  if (!/\d/.test(value) || value.startsWith('/')) return false;
  return /^[\da-f]{32,}$/i.test(value) || (/[a-z]/.test(value) && /[A-Z]/.test(value));
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
