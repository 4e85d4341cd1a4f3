import type { Sample } from './samples.ts';

/** From this raw confidence on, so many are right; `n` and `right` are numbers of traces, parts of them included. */
export interface Step {
  readonly from: number;
  readonly share: number;
  readonly n: number;
  readonly right: number;
}

export interface Fitted {
  readonly causes: Readonly<Record<string, readonly Step[]>>;
  /** All causes together. */
  readonly others: readonly Step[];
}

/** Where bins of raw confidence begin: finer where more answers are. */
const edges = [0, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9];
/**
 * What a rule says of itself weighs as much as so many traces, so that three right answers make nothing certain. Traces of
 * kinds that were left out are told alike with 2 to 12 (Brier score 0.044 to 0.046); from 6 on no whole trace is confident
 * and wrong.
 */
export const pull = 6;

/** Shares by cause and bin, between what was measured and what the rule says, never falling with the latter. Pure. */
export function fit(samples: readonly Sample[]): Fitted {
  const causes = Object.entries(Object.groupBy(samples, ({ said }) => said)).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    causes: Object.fromEntries(causes.map(([cause, of]) => [cause, stepsOf(of)])),
    others: stepsOf(samples),
  };
}

function stepsOf(samples: readonly Sample[]): readonly Step[] {
  const bins = edges.map((from, index) => {
    const to = edges[index + 1] ?? Infinity;
    const inside = samples.filter(({ raw }) => raw >= from && raw < to);
    const n = weightOf(inside);
    const said = n === 0 ? from : inside.reduce((sum, { raw, weight }) => sum + raw * weight, 0) / n;
    return { from, n, right: weightOf(inside.filter(({ right }) => right)), said };
  });
  // The rule of succession: after n right answers the next may still be the first wrong one.
  const all = weightOf(samples);
  const surest = (all + 1) / (all + 2);
  const shares = rising(
    bins.map(({ n, right, said }) => ({
      share: Math.min(surest, (right + pull * said) / (n + pull)),
      weight: n + pull,
    })),
  );
  return bins.map(({ from, n, right }, index) => ({ from, n, right, share: twoDigits(shares[index] ?? 0) }));
}

/** The share that a fitted table gives, as `calibrated` does. */
export function shareIn({ causes, others }: Fitted, { said, raw }: Pick<Sample, 'said' | 'raw'>): number {
  const own = causes[said];
  const share = (own ?? others).findLast(({ from }) => raw >= from)?.share ?? raw;
  return own === undefined ? Math.min(raw, share) : share;
}

function weightOf(samples: readonly Sample[]): number {
  return samples.reduce((sum, { weight }) => sum + weight, 0);
}

/** Pool adjacent violators: the nearest shares, by weight, that never fall. */
export function rising(values: readonly { readonly share: number; readonly weight: number }[]): readonly number[] {
  const blocks: { share: number; weight: number; count: number }[] = [];
  for (const { share, weight } of values) {
    let block = { share, weight, count: 1 };
    for (let before = blocks.at(-1); before !== undefined && before.share > block.share; before = blocks.at(-1)) {
      blocks.pop();
      const sum = before.weight + block.weight;
      const mean = (before.share * before.weight + block.share * block.weight) / sum;
      block = { share: mean, weight: sum, count: before.count + block.count };
    }
    blocks.push(block);
  }
  return blocks.flatMap(({ share, count }) => Array.from({ length: count }, () => share));
}

/** Rounded down: never more than was measured. */
function twoDigits(share: number): number {
  return Math.floor(share * 100 + 1e-9) / 100;
}

/** How good confidences are on whole traces. Shares 0..1. */
export interface Quality {
  readonly brier: number;
  readonly confidentlyWrong: number;
  readonly confidentShare: number;
}

/** As in scores of traces. */
const confident = 0.8;

export function qualityOf(samples: readonly Sample[], confidenceOf: (sample: Sample) => number): Quality {
  const whole = samples.filter((sample) => sample.whole).map((one) => ({ ...one, confidence: confidenceOf(one) }));
  const right = whole.filter((one) => one.right);
  const sure = whole.filter(({ confidence }) => confidence >= confident);
  return {
    brier: whole.reduce((sum, one) => sum + (one.confidence - Number(one.right)) ** 2, 0) / whole.length,
    confidentlyWrong: sure.filter((one) => !one.right && one.said !== 'inconclusive').length / whole.length,
    confidentShare: sure.filter((one) => one.right).length / right.length,
  };
}

/** The same with tables that were each fitted on all kinds of traces but the one that they judge. */
export function leaveOneKindOut(samples: readonly Sample[]): Quality {
  const kinds = [...new Set(samples.map(({ kind }) => kind))];
  const without = new Map(kinds.map((kind) => [kind, fit(samples.filter((one) => one.kind !== kind))]));
  return qualityOf(samples, (one) => shareIn(without.get(one.kind) ?? fit(samples), one));
}
