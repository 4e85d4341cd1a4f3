import { Failure } from '../../core/failure.ts';
import { minuteMs } from '../../core/units/duration.ts';

export const areas = ['configuration', 'redis', 'slack', 'cluster', 'usage', 'forge', 'receivers'] as const;
export type Area = (typeof areas)[number];

export const states = ['ok', 'warning', 'problem', 'skipped'] as const;
type State = (typeof states)[number];

/** One thing that was checked, its state, and how to fix it. Texts may contain text that is not trusted. */
export interface Finding {
  readonly area: Area;
  readonly what: string;
  readonly state: State;
  /** A sentence about its state. */
  readonly text: string;
  /** How to fix it; null if there is nothing to fix. */
  readonly mend: string | null;
  /** What it is one of, in the plural: a person need not read each of them that is well. */
  readonly oneOf?: string;
}

export type Outcome = Pick<Finding, 'state' | 'text' | 'mend'>;

export function ok(text: string): Outcome {
  return { state: 'ok', text, mend: null };
}

export function skipped(text: string): Outcome {
  return { state: 'skipped', text, mend: null };
}

export function warning(text: string, mend: string): Outcome {
  return { state: 'warning', text, mend };
}

export function problem(text: string, mend: string): Outcome {
  return { state: 'problem', text, mend };
}

/** Checks one thing. A failure becomes a problem with the failure's message and never ends the run. */
export async function check(
  area: Area,
  what: string,
  mend: string,
  how: () => Promise<Outcome> | Outcome,
): Promise<Finding> {
  try {
    return { area, what, ...(await how()) };
  } catch (error) {
    const text = error instanceof Failure ? error.message : `It could not be looked at: ${String(error)}.`;
    return { area, what, ...problem(text, mend) };
  }
}

/** Two clocks that differ by more make times in threads wrong; by far more, tokens and signatures. ms. */
const clockWarning = 2_000;
const clockProblem = minuteMs;
const clockMend = 'Let both keep time by NTP.';

/** `aheadMs`: how far the other clock is ahead of this machine's. */
export function clockOutcome(whose: string, aheadMs: number): Outcome {
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  if (Math.abs(aheadMs) < clockWarning) return ok(`The clock of ${whose} and this machine's show the same time.`);
  const text = `The clock of ${whose} is ${seconds} s ${aheadMs < 0 ? 'behind' : 'ahead of'} this machine's.`;
  return Math.abs(aheadMs) >= clockProblem ? problem(text, clockMend) : warning(text, clockMend);
}

/**
 * How far a server's clock is ahead by its `Date` header, ms; null without one. `before` is when it was asked (ms UTC).
 * The header is truncated to whole seconds.
 */
export function aheadBy(date: string | null | undefined, before: number): number | null {
  const at = Date.parse(date ?? '');
  return Number.isNaN(at) ? null : at + 500 - before;
}
