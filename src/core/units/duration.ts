import { Failure } from '../failure.ts';
import { cut } from './text-bounds.ts';

export const secondMs = 1_000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** Largest first. Days appear only from two on, because people say 24h and 7d. */
const UNITS = [
  { suffix: 'd', ms: dayMs },
  { suffix: 'h', ms: hourMs },
  { suffix: 'm', ms: minuteMs },
  { suffix: 's', ms: secondMs },
  { suffix: 'ms', ms: 1 },
] as const;

const GRAMMAR = /^(?:\d+(?:\.\d+)?(?:ms|[dhms]))+$/;
const PART = /(\d+(?:\.\d+)?)(ms|[dhms])/gy;

/**
 * Reads `30s`, `15m`, `24h`, `7d`, `250ms` and sums of them (`1h30m`) as whole milliseconds.
 * @throws Failure `bad-duration` for anything else, a bare number included.
 */
export function parseDuration(text: string): number {
  if (!GRAMMAR.test(text)) throw badDuration(text);
  let total = 0;
  for (const [, amount, suffix] of text.matchAll(PART)) {
    const unit = UNITS.find((known) => known.suffix === suffix);
    total += Number(amount) * (unit?.ms ?? Number.NaN);
  }
  if (!Number.isSafeInteger(Math.round(total))) throw badDuration(text);
  return Math.round(total);
}

/** The shortest exact text that `parseDuration` reads back as the same number; negative ones get a minus. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  let rest = Math.round(ms);
  let text = '';
  for (const unit of UNITS) {
    if (unit.suffix === 'd' && rest < 2 * unit.ms) continue;
    const amount = Math.floor(rest / unit.ms);
    if (amount === 0) continue;
    text += `${amount}${unit.suffix}`;
    rest -= amount * unit.ms;
  }
  return text === '' ? '0s' : text;
}

/**
 * A duration as people say it, in one unit: `40 s`, `12 min`, `6 h`, `3 d`. Minutes until 2 h, hours until 2 d. Nothing
 * is said to take 0 s: the API's times have whole seconds.
 */
export function roughDuration(ms: number): string {
  const size = Math.max(0, ms);
  if (size < 1000) return 'less than 1 s';
  if (size < 2 * minuteMs) return `${Math.round(size / 1000)} s`;
  if (size < 2 * hourMs) return `${Math.round(size / minuteMs)} min`;
  if (size < 2 * dayMs) return `${Math.round(size / hourMs)} h`;
  return `${Math.round(size / dayMs)} d`;
}

function badDuration(text: string): Failure {
  const shown = cut(text, 40);
  return new Failure('bad-duration', `"${shown}" is not a duration; write it like 30s, 15m, 24h or 7d.`);
}
