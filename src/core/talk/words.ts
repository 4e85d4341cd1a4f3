const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `14:02:11 UTC`; of another day than `today` (ms UTC) with its date: `2026-11-24 14:02:11 UTC`. */
export function clockTime(at: number, today: number = at): string {
  const iso = new Date(at).toISOString();
  const time = `${iso.slice(11, 19)} UTC`;
  return iso.slice(0, 10) === new Date(today).toISOString().slice(0, 10) ? time : `${iso.slice(0, 10)} ${time}`;
}

/** `14:40 UTC`, for what nobody knows to the second; of another day than `today` (ms UTC) with its date. */
export function aboutTime(at: number, today: number = at): string {
  return clockTime(at, today).replace(/:\d\d UTC$/, ' UTC');
}

/**
 * A duration as people say it, in one unit: `40 s`, `12 min`, `6 h`, `3 d`. Minutes until 2 h, hours until 2 d. Nothing
 * is said to take 0 s: the API's times have whole seconds.
 */
export function roughDuration(ms: number): string {
  const size = Math.max(0, ms);
  if (size < 1000) return 'less than 1 s';
  if (size < 2 * MINUTE_MS) return `${Math.round(size / 1000)} s`;
  if (size < 2 * HOUR_MS) return `${Math.round(size / MINUTE_MS)} min`;
  if (size < 2 * DAY_MS) return `${Math.round(size / HOUR_MS)} h`;
  return `${Math.round(size / DAY_MS)} d`;
}

/** `0.824` -> `82 %`. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Ends a text with a full stop where it has none: the words of others often end without, and more may follow. */
export function sentence(text: string): string {
  const trimmed = text.trimEnd();
  return /[.!?…]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

/** So many people are named in a sentence; who comes after them is counted. */
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
