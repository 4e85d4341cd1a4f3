import type { Cause } from '../diagnose/diagnosis.ts';
import { baselines } from './baselines.ts';
import type { Baseline, Sized } from './baselines.ts';
import { isRight, labelOf, labels } from './truth.ts';
import type { Label, Truth } from './truth.ts';

/** What was said of one trace: the line that is printed for it. Bytes; `nextKillAt` is RFC 3339, `cpuMs` CPU time. */
export interface Line {
  readonly id: string;
  readonly verdict: Cause | null;
  readonly confidence: number;
  readonly fix: { readonly kind: string; readonly bytes: number | null; readonly holds: number | null };
  readonly mitigation: {
    readonly kind: string;
    readonly bytes: number;
    readonly buysSeconds: number | null;
  } | null;
  readonly nextKillAt: string | null;
  readonly cpuMs: number;
}

/** A line beside what is true. */
export interface Scored {
  readonly line: Line;
  readonly truth: Truth;
  readonly wasKilled: boolean;
  /** What a sizing formula sees of the trace; null where there is no limit. */
  readonly sized: Sized | null;
  /**
   * Of a leak whose input was cut at 60% of a life: how far the foretold time to the kill was off, as a share of the
   * true one; null where nothing was foretold, absent where it was not tried.
   */
  readonly timeError?: number | null;
}

/** Shares are 0..1; null where there is nothing to take a share of. */
export interface Sizing {
  readonly n: number;
  readonly violations: number;
  readonly meanSlack: number | null;
  readonly p90Slack: number | null;
}

export interface Summary {
  readonly summary: true;
  readonly traces: number;
  readonly right: number;
  readonly perLabel: Readonly<
    Partial<Record<Label, { readonly n: number; readonly precision: number | null; readonly recall: number }>>
  >;
  readonly macroF1: number;
  readonly inconclusive: number;
  readonly confidentlyWrong: number;
  readonly brier: number;
  readonly confidentShare: number | null;
  readonly sizing: Sizing & {
    readonly holdsCalibration: number | null;
    /** Formulas that are too small no more often, and have less slack. */
    readonly beatenBy: readonly string[];
  };
  readonly leak: {
    readonly n: number;
    readonly raisedAsFix: number;
    /** Share of the leaks of which a time was foretold, and how far it was off in the median of those. */
    readonly foretold: number | null;
    readonly medianTimeError: number | null;
  };
  readonly falseAlarms: number;
  readonly baselines: Readonly<Record<string, Sizing>>;
  readonly cpuMs: { readonly p50: number; readonly p99: number };
}

/** Our sizes, under the name `ours`, and those of all formulas: the fewest too small first, then the least slack. */
export function frontierOf(
  { sizing, baselines: others }: Summary,
  ours: string,
): readonly (readonly [string, Sizing])[] {
  const all: (readonly [string, Sizing])[] = [[ours, sizing], ...Object.entries(others)];
  return all.toSorted(([, a], [, b]) => a.violations - b.violations || (a.meanSlack ?? 0) - (b.meanSlack ?? 0));
}

/** From this on an answer counts as confident, and a size as one that is said to hold. */
const confident = 0.8;
const saidToHold = 0.9;
/** Labels whose fix is a size, or a change that makes one needless. */
const sizable: readonly string[] = ['limit-too-low', 'traffic-spike', 'bad-rollout', 'child-process', 'tmpfs'];
const needsNoSize: readonly string[] = ['roll-back', 'move-volume'];
const raises: readonly string[] = ['raise-limit', 'set-heap'];

export function isScoredRight({ line, wasKilled, truth }: Scored): boolean {
  return isRight(line.verdict, wasKilled, truth);
}

/** The last line of an evaluation, by the rules of labelled traces. `all` is not empty. Pure. */
export function summarize(all: readonly Scored[]): Summary {
  const isConfident = ({ line }: Scored): boolean => line.confidence >= confident;
  const right = all.filter(isScoredRight);
  const wrong = all.filter((one) => !isScoredRight(one));
  const open = wrong.filter(({ line }) => line.verdict === 'inconclusive');
  const present = labels.filter((label) => all.some(({ truth }) => truth.label === label));
  const rows = present.map((label) => ({ label, ...scoreOf(label, all) }));
  const calm = all.filter(({ truth }) => truth.label === 'not-memory' || truth.label === 'healthy');
  const cpu = all.map(({ line }) => line.cpuMs);
  return {
    summary: true,
    traces: all.length,
    right: right.length,
    perLabel: Object.fromEntries(rows.map(({ label, n, precision, recall }) => [label, { n, precision, recall }])),
    macroF1: rounded(mean(rows.map(({ f1 }) => f1))),
    inconclusive: shareOf(open.length, all.length),
    confidentlyWrong: shareOf(wrong.filter((one) => isConfident(one) && !open.includes(one)).length, all.length),
    brier: rounded(mean(all.map((one) => (one.line.confidence - Number(isScoredRight(one))) ** 2))),
    confidentShare: right.length === 0 ? null : shareOf(right.filter(isConfident).length, right.length),
    sizing: sizingOf(all),
    leak: leakOf(all),
    falseAlarms: shareOf(calm.filter(isAlarm).length, calm.length),
    baselines: baselinesOf(all),
    cpuMs: { p50: rounded(quantile(cpu, 0.5)), p99: rounded(quantile(cpu, 0.99)) },
  };
}

/** Something is recommended, or a kill foretold. */
function isAlarm({ line }: Scored): boolean {
  return line.fix.kind !== 'none' || line.mitigation !== null || line.nextKillAt !== null;
}

/** An answer that is right in another way than by the label counts as the label. */
function scoreOf(label: Label, all: readonly Scored[]) {
  const saidOf = (one: Scored): string =>
    isScoredRight(one) ? one.truth.label : labelOf(one.line.verdict, one.wasKilled);
  const own = all.filter(({ truth }) => truth.label === label);
  const hits = own.filter(isScoredRight).length;
  const said = all.filter((one) => saidOf(one) === label).length;
  return {
    n: own.length,
    precision: said === 0 ? null : shareOf(hits, said),
    recall: shareOf(hits, own.length),
    f1: (2 * hits) / (own.length + said),
  };
}

/** Those of which a size is asked. */
function sizedTraces(all: readonly Scored[]): readonly (Scored & { readonly peak: number })[] {
  return all.flatMap((one) => {
    const peak = one.truth.true_peak_bytes;
    const isAsked = sizable.includes(one.truth.label) && !needsNoSize.includes(one.line.fix.kind);
    return isAsked && peak !== null && peak > 0 ? [{ ...one, peak }] : [];
  });
}

/** The sizes of which one is asked, with what is really needed and how likely they are said to hold. Bytes, 0..1. */
export function sizesOf(all: readonly Scored[]): readonly {
  readonly bytes: number;
  readonly peak: number;
  readonly holds: number;
}[] {
  return sizedTraces(all).flatMap(({ line: { fix }, peak }) =>
    raises.includes(fix.kind) && fix.bytes !== null && fix.holds !== null
      ? [{ bytes: fix.bytes, holds: fix.holds, peak }]
      : [],
  );
}

function sizingOf(all: readonly Scored[]): Summary['sizing'] {
  const asked = sizedTraces(all).map(({ line: { fix }, peak }) => ({
    peak,
    bytes: raises.includes(fix.kind) ? fix.bytes : null,
  }));
  const said = sizesOf(all).filter(({ holds }) => holds >= saidToHold);
  const ours = quality(asked);
  const better = Object.entries(baselinesOf(all)).filter(([, their]) => isBetter(their, ours));
  return {
    ...ours,
    beatenBy: better.map(([name]) => name),
    holdsCalibration:
      said.length === 0 ? null : shareOf(said.filter(({ bytes, peak }) => bytes >= peak).length, said.length),
  };
}

function isBetter(their: Sizing, ours: Sizing): boolean {
  if (their.meanSlack === null || ours.meanSlack === null) return false;
  return their.violations <= ours.violations && their.meanSlack < ours.meanSlack;
}

/** Violations, and the slack of the sizes that are none. */
function quality(asked: readonly { readonly bytes: number | null; readonly peak: number }[]): Sizing {
  const slacks = asked.flatMap(({ bytes, peak }) => (bytes !== null && bytes >= peak ? [(bytes - peak) / peak] : []));
  return {
    n: asked.length,
    violations: shareOf(asked.length - slacks.length, asked.length),
    meanSlack: slacks.length === 0 ? null : rounded(mean(slacks)),
    p90Slack: slacks.length === 0 ? null : rounded(quantile(slacks, 0.9)),
  };
}

function baselinesOf(all: readonly Scored[]): Summary['baselines'] {
  const asked = sizedTraces(all);
  const of = (baseline: Baseline): Sizing =>
    quality(asked.map(({ sized, peak }) => ({ peak, bytes: sized === null ? null : baseline(sized) })));
  return Object.fromEntries(Object.entries(baselines).map(([name, baseline]) => [name, of(baseline)]));
}

function leakOf(all: readonly Scored[]): Summary['leak'] {
  const leaks = all.filter(({ truth }) => truth.label === 'leak');
  const tried = leaks.flatMap(({ timeError }) => (timeError === undefined ? [] : [timeError]));
  const errors = tried.filter((error) => error !== null);
  return {
    n: leaks.length,
    raisedAsFix: shareOf(leaks.filter(({ line }) => raises.includes(line.fix.kind)).length, leaks.length),
    foretold: tried.length === 0 ? null : shareOf(errors.length, tried.length),
    medianTimeError: errors.length === 0 ? null : rounded(quantile(errors, 0.5)),
  };
}

function shareOf(some: number, all: number): number {
  return all === 0 ? 0 : rounded(some / all);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Nearest rank. */
function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).toSorted();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
