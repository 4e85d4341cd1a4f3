import { roughDuration } from '../units/duration.ts';

/** A source that is a query of Prometheus, which can be pasted, and its window as it is written. */
export interface QuerySource {
  readonly query: string;
  readonly window: string;
}

/** `metric{…}, FROM to TO`; null for any other source. */
export function queryIn(source: string): QuerySource | null {
  const [, query, window] = /^([a-z_:][\w:]*\{.*\}), (\d{4}-\d\d-\d\dT.*)$/is.exec(source) ?? [];
  return query === undefined || window === undefined ? null : { query, window };
}

/** A source as a person reads it: `pod web-1`, `Prometheus, 2 h of samples, query below`. */
export function sourceWords(source: string): string {
  const found = queryIn(source);
  if (found === null) return source;
  const [from = NaN, to = NaN] = found.window.split(/ to |;/).map((time) => Date.parse(time));
  const length = to - from;
  return `Prometheus${Number.isNaN(length) ? '' : `, ${roughDuration(length)} of samples`}, query below`;
}
