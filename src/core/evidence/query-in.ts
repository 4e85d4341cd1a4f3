import { roughDuration } from '../units/duration.ts';

/** A source that is a query of Prometheus, which can be pasted, and its window as it is written. */
export interface QuerySource {
  readonly query: string;
  readonly window: string;
}

/** `QUERY, FROM to TO`; null for any other source. */
export function queryIn(source: string): QuerySource | null {
  const [, query, window] = /^(.+), (\d{4}-\d\d-\d\dT.*)$/is.exec(source) ?? [];
  return query === undefined || window === undefined ? null : { query, window };
}

/** The source of what another query says of the same time, where both are known; else this one. */
export function sourceOf(query: string | null | undefined, source: string): string {
  const known = queryIn(source);
  return known === null || query === null || query === undefined ? source : `${query}, ${known.window}`;
}

/** A source as a person reads it: `pod web-1`, `Prometheus, 2 h of samples, query below`. */
export function sourceWords(source: string): string {
  const found = queryIn(source);
  if (found === null) return source;
  const [from = NaN, to = NaN] = found.window.split(/ to |;/).map((time) => Date.parse(time));
  const length = to - from;
  return `Prometheus${Number.isNaN(length) ? '' : `, ${roughDuration(length)} of samples`}, query below`;
}
