/**
 * What Oomkeeper asks a Prometheus: series, the most of each in a time, or the largest of them by some labels, those above
 * a number only; or all samples of a time as they are.
 */
export interface Query {
  readonly matchers: readonly Matcher[];
  /** A range selector: ms back. Null: the series at a moment. */
  readonly rangeMs: number | null;
  /** What of that time is meant: the most, the last, or (null) all samples. */
  readonly overTime: 'max' | 'last' | null;
  /** Null: the series as they are. */
  readonly max: { readonly by: readonly string[]; readonly above: number } | null;
  /** `timestamp(…)`: when each sample was taken, in seconds, in place of its value. */
  readonly isOfTime: boolean;
}

export interface Matcher {
  readonly label: string;
  readonly operator: '=' | '!=' | '=~';
  readonly value: string;
  /** Of `=~`: compiled once, as a query is asked of every series at every step. */
  readonly pattern: RegExp | null;
}

const aggregated = /^max(?: by \((?<by>[\w,]+)\) )?\((?<selector>.*)\)(?: > (?<above>\d+))?$/;
const timestamps = /^timestamp\((?<selector>.*)\)$/;
const overATime = /^(?<what>max|last)_over_time\((?<ranged>.*)\)$/;
const selected = /^(?<name>[a-zA-Z_:][\w:]*)?(?:\{(?<matchers>.*)\})?(?:\[(?<range>\d+)(?<unit>ms|[smhd])\])?$/;
const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const matched = /(?<label>\w+)(?<operator>=~|!=|=)"(?<value>(?:[^"\\]|\\.)*)"(?:,|$)/y;

/** Reads a query as Oomkeeper writes it; null for any other, right or wrong. */
export function parseQuery(query: string): Query | null {
  const timed = timestamps.exec(query)?.groups?.['selector'];
  if (timed !== undefined) {
    const of = parseQuery(timed);
    return of === null || of.rangeMs !== null ? null : { ...of, isOfTime: true };
  }
  const { by, selector: inner = query, above = '-Infinity' } = aggregated.exec(query)?.groups ?? {};
  const { what, ranged } = overATime.exec(inner)?.groups ?? {};
  const { name, matchers = '', range, unit = '' } = selected.exec(ranged ?? inner)?.groups ?? {};
  const rangeMs = range === undefined ? null : Number(range) * (unitMs[unit] ?? Number.NaN);
  // The most of a moment, and the largest of several series over a time, are no queries.
  if ((rangeMs === null) !== (ranged === undefined) && (ranged !== undefined || inner !== query)) return null;
  const all: Matcher[] = name === undefined ? [] : [{ label: '__name__', operator: '=', value: name, pattern: null }];
  matched.lastIndex = 0;
  while (matched.lastIndex < matchers.length) {
    const { label, operator, value: quoted = '' } = matched.exec(matchers)?.groups ?? {};
    const known = (['=', '!=', '=~'] as const).find((each) => each === operator);
    if (label === undefined || known === undefined) return null;
    const value = quoted.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
    all.push({ label, operator: known, value, pattern: known === '=~' ? new RegExp(`^(?:${value})$`) : null });
  }
  if (!all.some(({ operator }) => operator !== '!=')) return null;
  const max = inner === query ? null : { by: by?.split(',') ?? [], above: Number(above) };
  return { matchers: all, rangeMs, overTime: what === 'max' || what === 'last' ? what : null, max, isOfTime: false };
}

/** Whether a series' labels satisfy all matchers. A label that is missing counts as empty. */
export function matches(labels: Readonly<Record<string, string>>, matchers: readonly Matcher[]): boolean {
  return matchers.every(({ label, operator, value, pattern }) => {
    const has = labels[label] ?? '';
    return pattern === null ? (has === value) === (operator === '=') : pattern.test(has);
  });
}
