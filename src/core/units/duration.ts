import { Failure } from '../failure.ts';

/** Largest first. Days appear only from two on, because people say 24h and 7d. */
const UNITS = [
  { suffix: 'd', ms: 86_400_000 },
  { suffix: 'h', ms: 3_600_000 },
  { suffix: 'm', ms: 60_000 },
  { suffix: 's', ms: 1_000 },
  { suffix: 'ms', ms: 1 },
] as const;

const GRAMMAR = /^(?:\d+(?:\.\d+)?(?:ms|[dhms]))+$/;
const PART = /(\d+(?:\.\d+)?)(ms|[dhms])/g;

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

function badDuration(text: string): Failure {
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return new Failure('bad-duration', `"${shown}" is not a duration; write it like 30s, 15m, 24h or 7d.`);
}
