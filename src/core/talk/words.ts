/** `14:02:11 UTC`; of another day than `today` (ms UTC) with its date: `2026-11-24 14:02:11 UTC`. */
export function clockTime(at: number, today: number = at): string {
  const iso = new Date(at).toISOString();
  const time = `${iso.slice(11, 19)} UTC`;
  return iso.slice(0, 10) === new Date(today).toISOString().slice(0, 10) ? time : `${iso.slice(0, 10)} ${time}`;
}

/** `2026-11-24 14:02:11 UTC`, where nobody knows when it will be read. */
export function datedTime(at: number): string {
  const iso = new Date(at).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

/** `14:40 UTC`, for what nobody knows to the second; of another day than `today` (ms UTC) with its date. */
export function aboutTime(at: number, today: number = at): string {
  return clockTime(at, today).replace(/:\d\d UTC$/, ' UTC');
}

/** Ends a text with a full stop where it has none: the words of others often end without, and more may follow. */
export function sentence(text: string): string {
  const trimmed = text.trimEnd();
  return /[.!?…]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

/** At most this many people are named in a sentence; the others are counted. */
export const mostNamed = 5;

/** `A, B or C`, or of more than are named `A, B, C, D, E or 2 others`; `total` counts all of them. */
export function namesOf(named: readonly string[], total: number): string {
  const others = total - named.length;
  const all = others > 0 ? [...named, others === 1 ? '1 other' : `${others} others`] : named;
  const last = all.at(-1) ?? '';
  return all.length < 2 ? last : `${all.slice(0, -1).join(', ')} or ${last}`;
}

/** `1 pod`, `3 pods`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** What a person wrote about it, as a part of a sentence: `: “not tonight”`; nothing for nothing. */
export function reasonWords(reason: string): string {
  const said = reason.trim().replace(/\.$/, '');
  return said === '' ? '' : `: “${said}”`;
}
