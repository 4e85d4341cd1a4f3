import { durationMs, QueryError } from './promql.ts';

const mostPoints = 11_000;

/** A range to evaluate at: ms UTC. */
export interface QueryRange {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** Reads `start`, `end` and `step` with Prometheus' own refusals. Throws QueryError. */
export function readRange(parameters: URLSearchParams): QueryRange {
  const start = readTime(parameters, 'start');
  const end = readTime(parameters, 'end');
  if (end < start) throw refusal('end', 'end timestamp must not be before start time');
  const step = readStep(parameters.get('step') ?? '');
  if (step <= 0)
    throw refusal('step', 'zero or negative query resolution step widths are not accepted. Try a positive integer');
  if ((end - start) / step > mostPoints) {
    throw new QueryError(
      'parse',
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    );
  }
  return { start, end, step };
}

/** `time` of an instant query; now when it is left out. */
export function readInstant(parameters: URLSearchParams, now: number): number {
  return parameters.has('time') ? readTime(parameters, 'time') : now;
}

function readTime(parameters: URLSearchParams, name: string): number {
  const text = parameters.get(name) ?? '';
  const ms = /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
  if (Number.isNaN(ms)) throw refusal(name, `cannot parse "${text}" to a valid timestamp`);
  return Math.round(ms);
}

function readStep(text: string): number {
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (/^(?:\d+(?:ms|[smhdwy]))+$/.test(text)) return durationMs(text);
  throw refusal('step', `cannot parse "${text}" to a valid duration`);
}

function refusal(parameter: string, message: string): QueryError {
  return new QueryError('parse', `invalid parameter "${parameter}": ${message}`);
}
