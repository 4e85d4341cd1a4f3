import { minuteMs } from '../../core/units/duration.ts';
import type { Series } from './query-range.ts';

/** What was asked a moment ago, so that twenty pods of one workload that are killed together ask for its past once. */
export interface Answers {
  /** The answer to a question that has this name: a known one, or what `read` finds. @throws what `read` throws */
  readonly to: (name: string, read: () => Promise<readonly Series[]>) => Promise<readonly Series[]>;
}

interface Known {
  readonly at: number;
  readonly weight: number;
  readonly series: readonly Series[];
}

const keptMs = minuteMs;
/** A point takes some 80 bytes, a series some 400: 4 MiB. */
const pointsPerSeries = 5;
const mostWeight = 50_000;

/** Keeps answers for a minute, the newest ones and 4 MiB at most. */
export function createAnswers(now: () => number = Date.now): Answers {
  /** The oldest first. */
  const known = new Map<string, Known>();
  let weight = 0;

  function forget(name: string): void {
    weight -= known.get(name)?.weight ?? 0;
    known.delete(name);
  }

  return {
    to: async (name, read) => {
      for (const [old, { at }] of known) if (now() - at >= keptMs) forget(old);
      const found = known.get(name);
      if (found !== undefined) return found.series;
      const series = await read();
      const own = series.reduce((sum, { points }) => sum + points.length + pointsPerSeries, 0);
      if (own > mostWeight) return series;
      forget(name);
      known.set(name, { at: now(), weight: own, series });
      weight += own;
      for (const old of known.keys()) {
        if (weight <= mostWeight) break;
        forget(old);
      }
      return series;
    },
  };
}
