import { isSameLimit, killedAtMs, limitAt, runMs } from '../kill/kill.ts';
import type { Kill } from '../kill/kill.ts';
import { secondMs } from '../units/duration.ts';

/*
 * What the times of starts and kills say by themselves, for runs that nobody sampled. A container that is killed within
 * seconds of each start is killed by its start; after minutes it may be anything that takes as long.
 */

/**
 * A program that is killed sooner was starting. In the labelled traces and the recorded round every start that needed
 * more than its limit was killed 0.9 to 5.7 s after it began (43 kills), and the quickest kill for another reason came
 * after 9 s, with time compressed. Not a start: what outlived the restart, as files in memory do.
 */
export const startingMs = 8 * secondMs;
/** So long a start may take: a JVM or a model that is loaded. The shortest leak that was recorded in real time took 55 s. */
export const slowStartMs = 30 * secondMs;
/** Runs that differ by less are alike. Leaks, ramps and bursts recorded in real time differ by a hundredth. */
const alikeFactor = 1.5;
/** Load that reaches all pods kills them within seconds, in which a new one has just started. */
const sameMomentMs = 10 * secondMs;
/** A run that lasted this many times as long got through its start. */
export const gotThrough = 3;

export interface RunTimes {
  /** From start to kill of all runs under the limit that the last one was killed at, oldest first; ms, whole seconds. */
  readonly all: readonly number[];
  /** Those at the end that are like the last one, the last one included. */
  readonly alike: readonly number[];
  /** The longest of those before them; null if there is none. */
  readonly longestBefore: number | null;
  /** The longest run of another pod that was killed at about the same time as the last one; null if there is none. */
  readonly longestBeside: number | null;
}

/** `kills` are oldest first. Runs whose start is not known are left out. Pure. */
export function runTimes(kills: readonly Kill[], limitBytes: number | null): RunTimes {
  const all = endsOf(kills)
    .filter((kill) => isAtLimit(kill, limitBytes))
    .flatMap((kill) => runMs(kill) ?? []);
  const last = all.at(-1);
  if (last === undefined) return { all, alike: [], longestBefore: null, longestBeside: null };
  const from = all.findLastIndex((ms) => !isAlike(ms, last)) + 1;
  return {
    all,
    alike: all.slice(from),
    longestBefore: longestOf(all.slice(0, from)),
    longestBeside: longestOf(besides(kills)),
  };
}

/** A kill inside of a container that goes on ends no run; it counts where such kills are what is explained. */
function endsOf(kills: readonly Kill[]): readonly Kill[] {
  const isOfChild = kills.at(-1)?.kind === 'child-process';
  return isOfChild ? kills : kills.filter(({ kind }) => kind !== 'child-process');
}

/** Run times of other pods whose runs ended within seconds of the last one, whatever their limit and revision. */
function besides(kills: readonly Kill[]): readonly number[] {
  const last = kills.at(-1);
  if (last === undefined) return [];
  const together = endsOf(kills).filter(
    (kill) => kill.pod !== last.pod && Math.abs(killedAtMs(kill) - killedAtMs(last)) <= sameMomentMs,
  );
  return together.flatMap((kill) => runMs(kill) ?? []);
}

function longestOf(times: readonly number[]): number | null {
  return times.length === 0 ? null : Math.max(...times);
}

function isAtLimit(kill: Kill, limitBytes: number | null): boolean {
  const at = limitAt(kill);
  return at === null || limitBytes === null || isSameLimit(at, limitBytes);
}

/** Whether two runs (ms) lasted about as long: both a few seconds, or within the factor. */
export function isAlike(ms: number, other: number): boolean {
  const [less, more] = [Math.min(ms, other), Math.max(ms, other)];
  return more < startingMs || more - secondMs <= less * alikeFactor;
}
