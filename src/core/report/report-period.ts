/** Results are kept for as long as closed incidents. */
export const mostReportDays = 30;
const usualDays = 7;

/** What a report is about. `days` is a whole number from 1 on. */
export interface ReportPeriod {
  readonly days: number;
  /** The words that are no period: a scope. */
  readonly rest: readonly string[];
}

/** Takes `7d`, `2w` out of the words, wherever it stands; the last seven days where there is none. */
export function readPeriod(words: readonly string[]): ReportPeriod {
  const at = words.findIndex((word) => /^[1-9]\d{0,2}[dw]$/i.test(word));
  const period = words[at];
  if (period === undefined) return { days: usualDays, rest: words };
  const count = Number.parseInt(period, 10) * (/w$/i.test(period) ? 7 : 1);
  return { days: count, rest: words.toSpliced(at, 1) };
}
