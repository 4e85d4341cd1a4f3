import { Failure } from '../../core/failure.ts';
import { minuteMs } from '../../core/units/duration.ts';
import { byHand } from './mend.ts';
import type { Mend } from './mend.ts';

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
  readonly mend: Mend | null;
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

export function warning(text: string, mend: Mend | string): Outcome {
  return { state: 'warning', text, mend: asMend(mend) };
}

export function problem(text: string, mend: Mend | string): Outcome {
  return { state: 'problem', text, mend: asMend(mend) };
}

function asMend(mend: Mend | string): Mend {
  return typeof mend === 'string' ? byHand(mend) : mend;
}

/** Checks one thing. A failure becomes a problem with the failure's message and never ends the run. */
export async function check(
  area: Area,
  what: string,
  mend: Mend | string,
  how: () => Promise<Outcome> | Outcome,
): Promise<Finding> {
  try {
    return { area, what, ...(await how()) };
  } catch (error) {
    const text = error instanceof Failure ? error.message : `The check itself failed: ${String(error)}.`;
    return { area, what, ...problem(text, mend) };
  }
}

/** Two clocks that differ by more make times in threads wrong; by far more, tokens and signatures. ms. */
const clockWarning = 2_000;
const clockProblem = minuteMs;
const clockMend = 'Sync both clocks by NTP; the one that disagrees with all others is wrong.';

/** `aheadMs`: how far the other clock is ahead of this machine's. */
export function clockOutcome(whose: string, aheadMs: number): Outcome {
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  if (Math.abs(aheadMs) < clockWarning) return ok(`The clock of ${whose} agrees with this machine's.`);
  const text = `The clock of ${whose} is ${seconds} s ${aheadMs < 0 ? 'behind' : 'ahead of'} this machine's.`;
  return Math.abs(aheadMs) >= clockProblem ? problem(text, clockMend) : warning(text, clockMend);
}

/** When something was asked and when the answer was there, ms UTC by this machine's clock. */
export interface Asked {
  readonly before: number;
  readonly after: number;
}

/**
 * How far a clock is certainly ahead (ms; negative = behind) that showed from `shown` to `shown + stepMs` while the answer
 * was made. A slow answer leaves more room, so that it is never taken for a clock that is off.
 */
export function aheadOf(shown: number, stepMs: number, { before, after }: Asked): number {
  const least = shown - after;
  const most = shown + stepMs - before;
  if (least > 0) return least;
  return Math.min(most, 0);
}

/** The same by the `Date` header of a server's answer, which has whole seconds; null without one. */
export function aheadBy(date: string | null | undefined, asked: Asked): number | null {
  const at = Date.parse(date ?? '');
  return Number.isNaN(at) ? null : aheadOf(at, 1_000, asked);
}
