/** What Oomkeeper asks a Prometheus: series, or the largest of them by some labels, those above a number only. */
export interface Query {
  readonly matchers: readonly Matcher[];
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
const selected = /^(?<name>[a-zA-Z_:][\w:]*)?(?:\{(?<matchers>.*)\})?$/;
const matched = /(?<label>\w+)(?<operator>=~|!=|=)"(?<value>(?:[^"\\]|\\.)*)"(?:,|$)/y;

/** Reads a query as Oomkeeper writes it; null for any other, right or wrong. */
export function parseQuery(query: string): Query | null {
  const timed = timestamps.exec(query)?.groups?.['selector'];
  if (timed !== undefined) {
    const of = parseQuery(timed);
    return of === null ? null : { ...of, isOfTime: true };
  }
  const { by, selector = query, above = '-Infinity' } = aggregated.exec(query)?.groups ?? {};
  const { name, matchers = '' } = selected.exec(selector)?.groups ?? {};
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
  const max = selector === query ? null : { by: by?.split(',') ?? [], above: Number(above) };
  return { matchers: all, max, isOfTime: false };
}

/** Whether a series' labels satisfy all matchers. A label that is missing counts as empty. */
export function matches(labels: Readonly<Record<string, string>>, matchers: readonly Matcher[]): boolean {
  return matchers.every(({ label, operator, value, pattern }) => {
    const has = labels[label] ?? '';
    return pattern === null ? (has === value) === (operator === '=') : pattern.test(has);
  });
}
