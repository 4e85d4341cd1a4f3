/** What this Prometheus can work out. */
export type Expression =
  | { readonly kind: 'selector'; readonly matchers: readonly Matcher[] }
  | { readonly kind: 'maxOverTime'; readonly matchers: readonly Matcher[]; readonly windowMs: number }
  | {
      readonly kind: 'aggregate';
      readonly operator: 'sum' | 'max';
      readonly by: readonly string[];
      readonly of: Expression;
    }
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly than: number; readonly of: Expression };

/** Against a number: what does not hold is left out. */
const comparisons = ['>', '<', '>=', '<=', '==', '!='] as const;
export type Comparison = (typeof comparisons)[number];

export interface Matcher {
  readonly label: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
  /** Of `=~` and `!~`: compiled once, as a query is asked of every series at every step. */
  readonly pattern: RegExp | null;
}

/** A query that Prometheus would refuse (`parse`), or one that is right but not covered here (`uncovered`). */
export class QueryError extends Error {
  readonly kind: 'parse' | 'uncovered';

  constructor(kind: 'parse' | 'uncovered', message: string) {
    super(message);
    this.kind = kind;
  }
}

const uncoveredFunctions = new Set(
  (
    'abs absent absent_over_time avg_over_time ceil changes clamp clamp_max clamp_min count_over_time delta deriv exp ' +
    'floor histogram_quantile idelta increase irate label_join label_replace last_over_time ln log10 log2 ' +
    'min_over_time predict_linear present_over_time quantile_over_time rate resets round scalar sort sort_desc sqrt ' +
    'stddev_over_time stdvar_over_time sum_over_time time timestamp vector avg bottomk count count_values group min ' +
    'quantile stddev stdvar topk'
  ).split(' '),
);

interface Token {
  readonly text: string;
  readonly at: number;
  readonly kind: 'name' | 'string' | 'duration' | 'number' | 'sign';
}

const tokenPattern =
  /\s*(?:(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)|(?<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<duration>(?:\d+(?:ms|[smhdwy]))+)|(?<number>\d+(?:\.\d+)?)|(?<sign>=~|!~|!=|==|>=|<=|[{}()[\],=<>+\-*/%^@:]))/y;

/** Parses a query. Throws QueryError. */
export function parseQuery(query: string): Expression {
  const tokens = tokenize(query);
  let position = 0;

  const peek = (): Token | undefined => tokens[position];
  const take = (text?: string): Token => {
    const token = tokens[position];
    if (token === undefined) throw parseError(query.length, 'unexpected end of input');
    if (text !== undefined && token.text !== text) {
      throw parseError(token.at, `unexpected "${token.text}", expected "${text}"`);
    }
    position += 1;
    return token;
  };

  function expression(): Expression {
    const token = peek();
    if (token?.text === '(') {
      take('(');
      const inner = expression();
      take(')');
      return inner;
    }
    if (token?.kind === 'number' || token?.text === '-') throw new QueryError('uncovered', 'numbers in queries');
    if (token?.kind !== 'name') return selector(undefined);
    take();
    if (token.text === 'sum' || token.text === 'max') return aggregate(token.text);
    if (token.text === 'max_over_time') return maxOverTime();
    if (peek()?.text === '(' || peek()?.text === 'by' || peek()?.text === 'without') {
      if (uncoveredFunctions.has(token.text)) throw new QueryError('uncovered', `${token.text}()`);
      throw parseError(token.at, `unknown function with name "${token.text}"`);
    }
    return selector(token.text);
  }

  function aggregate(operator: 'sum' | 'max'): Expression {
    let by = labels();
    take('(');
    const of = expression();
    take(')');
    if (by === undefined) by = labels();
    return { kind: 'aggregate', operator, by: by ?? [], of };
  }

  function labels(): string[] | undefined {
    if (peek()?.text === 'without') throw new QueryError('uncovered', 'without');
    if (peek()?.text !== 'by') return undefined;
    take('by');
    take('(');
    const names: string[] = [];
    while (peek()?.text !== ')') {
      names.push(take().text);
      if (peek()?.text === ',') take(',');
    }
    take(')');
    return names;
  }

  function maxOverTime(): Expression {
    take('(');
    const name = peek()?.kind === 'name' ? take().text : undefined;
    const inner = selector(name);
    take('[');
    const window = take();
    if (window.kind !== 'duration') throw parseError(window.at, 'duration expected in the range');
    if (peek()?.text.startsWith(':') === true) throw new QueryError('uncovered', 'subqueries');
    take(']');
    take(')');
    const matchers = inner.kind === 'selector' ? inner.matchers : [];
    return { kind: 'maxOverTime', matchers, windowMs: durationMs(window.text) };
  }

  function selector(name: string | undefined): Expression {
    const matchers: Matcher[] =
      name === undefined ? [] : [{ label: '__name__', operator: '=', value: name, pattern: null }];
    if (peek()?.text === '{') {
      take('{');
      while (peek()?.text !== '}') {
        matchers.push(matcher());
        if (peek()?.text !== '}') take(',');
      }
      take('}');
    } else if (name === undefined) {
      const token = peek();
      throw parseError(
        token?.at ?? query.length,
        `unexpected ${token === undefined ? 'end of input' : `"${token.text}"`}`,
      );
    }
    if (matchers.every(({ operator, value }) => (operator === '=' && value === '') || operator.startsWith('!'))) {
      throw parseError(0, 'vector selector must contain at least one non-empty matcher');
    }
    if (peek()?.text === 'offset' || peek()?.text === '@') throw new QueryError('uncovered', peek()?.text ?? '');
    return { kind: 'selector', matchers };
  }

  function matcher(): Matcher {
    const label = take();
    const operator = take();
    const value = take();
    if (label.kind !== 'name') throw parseError(label.at, `unexpected "${label.text}" in label matching`);
    const known = (['=', '!=', '=~', '!~'] as const).find((each) => each === operator.text);
    if (known === undefined) throw parseError(operator.at, `unexpected "${operator.text}" in label matching`);
    if (value.kind !== 'string')
      throw parseError(value.at, `unexpected "${value.text}" in label matching, expected string`);
    const pattern = known.endsWith('~') ? anchored(unquote(value.text), value.at) : null;
    return { label: label.text, operator: known, value: unquote(value.text), pattern };
  }

  function compared(of: Expression): Expression {
    const operator = comparisons.find((each) => each === peek()?.text);
    if (operator === undefined || tokens[position + 1]?.kind !== 'number') return of;
    take();
    return { kind: 'compare', operator, than: Number(take().text), of };
  }

  const parsed = compared(expression());
  const rest = peek();
  if (rest === undefined) return parsed;
  if (rest.text === '[') throw new QueryError('uncovered', 'a bare range selector');
  if (/^(?:[-+*/%^<>]|[=!<>]=|and|or|unless)$/.test(rest.text))
    throw new QueryError('uncovered', `operator ${rest.text}`);
  throw parseError(rest.at, `unexpected "${rest.text}"`);
}

/** Whether a series' labels satisfy all matchers. A label that is missing counts as empty. */
export function matches(labels: Readonly<Record<string, string>>, matchers: readonly Matcher[]): boolean {
  return matchers.every(({ label, operator, value, pattern }) => {
    const has = labels[label] ?? '';
    switch (operator) {
      case '=':
        return has === value;
      case '!=':
        return has !== value;
      case '=~':
        return pattern?.test(has) === true;
      case '!~':
        return pattern?.test(has) === false;
    }
  });
}

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** `1h30m` in ms. */
export function durationMs(text: string): number {
  return [...text.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (unitMs[unit ?? ''] ?? 0),
    0,
  );
}

function tokenize(query: string): Token[] {
  const tokens: Token[] = [];
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < query.trimEnd().length) {
    const at = tokenPattern.lastIndex;
    const match = tokenPattern.exec(query);
    if (match === null) {
      const text = query.slice(at).trimStart();
      throw parseError(query.length - text.length, `unexpected character: '${text.charAt(0)}'`);
    }
    const kind = (['name', 'string', 'duration', 'number', 'sign'] as const).find((each) => match.groups?.[each]);
    const text = match[0].trimStart();
    tokens.push({ text, at: tokenPattern.lastIndex - text.length, kind: kind ?? 'sign' });
  }
  return tokens;
}

function parseError(at: number, message: string): QueryError {
  return new QueryError('parse', `invalid parameter "query": 1:${at + 1}: parse error: ${message}`);
}

function unquote(text: string): string {
  return text.slice(1, -1).replaceAll(/\\(.)/g, '$1');
}

function anchored(pattern: string, at: number): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`);
  } catch (cause) {
    throw parseError(at, `error parsing regexp: ${cause instanceof Error ? cause.message : pattern}`);
  }
}
