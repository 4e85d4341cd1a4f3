import { isSameLimit } from '../../kill/kill.ts';
import { secondMs } from '../../units/duration.ts';
import { cleanSamples } from '../clean-samples.ts';
import type { UsageRun, UsageSample } from '../evidence.ts';
import { isGrowing, nearShare, shapeOf } from './run-shape.ts';
import type { Shape } from './run-shape.ts';
import { median } from '../statistics.ts';

/*
 * A run of a minute has four samples at scrapes of 15 s, and they fall on other ages in each run. Where the runs go the
 * same way, those of five runs laid over each other show what no single one does: a line, or a bend.
 */

/** Runs that go the same way last as long: in the recorded round to a hundredth, which whole seconds make more. */
const sameLength = 0.1;
/** The runs agree if hardly any sample is lower than one at an earlier age. Of runs that go their own ways, many are. */
const agreeing = 0.8;

/** A crash loop of a week has thousands of runs; with two samples each, so many have a shape. */
const mostRuns = 12;

export interface Overlay {
  readonly shape: Shape;
  /** How many runs it was laid together from. */
  readonly runs: number;
}

/**
 * The shape of ended runs of one revision laid over each other by their age, under `limitBytes` (null = of any); null
 * where fewer than two are alike, or they do not agree. Its run is the latest one, with the samples of all. Pure.
 */
export function overlayOf(ended: readonly UsageRun[], limitBytes: number): Overlay | null {
  const known = ended
    .flatMap((run) => (run.startedAt === null || run.killedAt === null ? [] : [{ run, ...timesOf(run) }]))
    .filter(({ run }) => run.limitBytes === null || isSameLimit(run.limitBytes, limitBytes))
    .toSorted((a, b) => a.startedAt - b.startedAt)
    .slice(-mostRuns);
  const usual = median(known.map(({ ms }) => ms));
  const alike = known.filter(({ ms }) => Math.abs(ms - usual) <= Math.max(usual * sameLength, secondMs));
  const latest = alike.at(-1);
  if (latest === undefined || alike.length < 2) return null;
  const samples = alike.flatMap(({ run, startedAt }) =>
    withoutRepeats(cleanSamples(run)).map((one) => ({ ...one, t: one.t - startedAt + latest.startedAt })),
  );
  const run = { ...latest.run, samples: samples.toSorted((a, b) => a.t - b.t) };
  const shape = shapeOf(run, limitBytes);
  if (shape === null || !(agree(shape) || staysNear(shape))) return null;
  // That the runs differ a little from each other does not show that one of them grows unevenly.
  return { shape: { ...shape, unevenness: 0 }, runs: alike.length };
}

/** One line or one bend, in all of them. */
function agree(shape: Shape): boolean {
  return isGrowing(shape) && shape.tau >= agreeing;
}

/** Bursts have a level far below the limit, and few samples may miss every one of them. */
function staysNear({ pattern, levelBytes, limitBytes }: Shape): boolean {
  return pattern === 'flat' && levelBytes >= limitBytes * nearShare;
}

function timesOf({ startedAt, killedAt }: UsageRun): { startedAt: number; ms: number } {
  return { startedAt: startedAt ?? 0, ms: (killedAt ?? 0) - (startedAt ?? 0) };
}

/** A range query repeats the last scrape until there is another. */
function withoutRepeats(samples: readonly UsageSample[]): readonly UsageSample[] {
  return samples.filter(({ workingSetBytes, rssBytes }, index) => {
    const before = samples[index - 1];
    return before === undefined || before.workingSetBytes !== workingSetBytes || before.rssBytes !== rssBytes;
  });
}
