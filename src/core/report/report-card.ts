import { median } from '../evidence/statistics.ts';
import { type FixKind, fixKinds, type Result } from '../incident/result.ts';

/** How the fixes of one kind fared. */
export interface KindRow {
  readonly kind: FixKind;
  readonly held: number;
  readonly failed: number;
}

/** What became of the changes whose last result lies in a period. Shares are 0 to 1, times ms. */
export interface ReportCard {
  /** Kinds of which at least one fix held or failed. */
  readonly kinds: readonly KindRow[];
  readonly held: number;
  readonly failed: number;
  /** Of changes that were to buy time: whether they did. */
  readonly mitigations: { readonly right: number; readonly wrong: number };
  /** Changes that a person took back. */
  readonly undone: number;
  /** Changes that were gone before they could be judged. */
  readonly vanished: number;
  readonly inconclusive: number;
  /** How much of a limit was never used, on average, and of how many fixes that is known; null if of none. */
  readonly overshoot: { readonly share: number; readonly of: number } | null;
  /** From the kill, and from the approval, until the change was seen in the cluster; null if nothing was applied. */
  readonly toFix: { readonly sinceKillMs: number; readonly sinceApprovalMs: number; readonly of: number } | null;
  /** What was killed again in spite of a fix, latest first. */
  readonly killedAgain: readonly Result[];
}

/** What a result says about a fix: only what held or failed is counted as a success or as none. */
const verdictOf: Readonly<Record<Result['outcome'], 'held' | 'failed' | 'vanished' | 'inconclusive' | 'undone'>> = {
  held: 'held',
  overshot: 'held',
  failed: 'failed',
  vanished: 'vanished',
  inconclusive: 'inconclusive',
  // Somebody wanted it otherwise: that says nothing about how good it was.
  undone: 'undone',
};

/**
 * The report card of these results, in any order; of several about one plan the latest counts. A mitigation is never
 * counted as a fix: it kept its promise, or it did not.
 */
export function reportCard(results: readonly Result[]): ReportCard {
  const latest = latestOfEach(results);
  const withVerdict = (verdict: (typeof verdictOf)[Result['outcome']]): readonly Result[] =>
    latest.filter(({ outcome }) => verdictOf[outcome] === verdict);
  const held = withVerdict('held');
  const failed = withVerdict('failed');
  const isFix = ({ purpose }: Result): boolean => purpose === 'fix';
  const kinds = fixKinds.map((kind) => {
    const isOne = (one: Result): boolean => isFix(one) && one.kind === kind;
    return { kind, held: held.filter(isOne).length, failed: failed.filter(isOne).length };
  });
  return {
    kinds: kinds.filter((row) => row.held + row.failed > 0),
    held: held.filter(isFix).length,
    failed: failed.filter(isFix).length,
    mitigations: {
      right: held.filter((one) => !isFix(one)).length,
      wrong: failed.filter((one) => !isFix(one)).length,
    },
    undone: withVerdict('undone').length,
    vanished: withVerdict('vanished').length,
    inconclusive: withVerdict('inconclusive').length,
    overshoot: overshootOf(held.filter(isFix)),
    toFix: toFixOf(latest),
    killedAgain: failed.filter(isFix).toSorted((a, b) => b.at - a.at),
  };
}

/** Whether there is nothing to report. */
export function isEmptyCard({ held, failed, mitigations, undone, vanished, inconclusive }: ReportCard): boolean {
  return held + failed + mitigations.right + mitigations.wrong + undone + vanished + inconclusive === 0;
}

/** Of several results of one change the latest; oldest first. */
export function latestOfEach(results: readonly Result[]): readonly Result[] {
  const sorted = results.toSorted((a, b) => a.at - b.at);
  return [
    ...new Map(sorted.map((one) => [[one.subject.cluster, one.incident, one.plan].join('\n'), one] as const)).values(),
  ];
}

function overshootOf(held: readonly Result[]): ReportCard['overshoot'] {
  const shares = held.flatMap(({ spareBytes, limitBytes }) =>
    spareBytes === null || limitBytes === null || limitBytes === 0 ? [] : [spareBytes / limitBytes],
  );
  return shares.length === 0
    ? null
    : { share: shares.reduce((sum, share) => sum + share, 0) / shares.length, of: shares.length };
}

function toFixOf(results: readonly Result[]): ReportCard['toFix'] {
  const times = results.flatMap(({ killedAt, approvedAt, appliedAt }) =>
    killedAt === null || approvedAt === null || appliedAt === null
      ? []
      : [{ sinceKill: appliedAt - killedAt, sinceApproval: appliedAt - approvedAt }],
  );
  if (times.length === 0) return null;
  return {
    sinceKillMs: median(times.map(({ sinceKill }) => sinceKill)),
    sinceApprovalMs: median(times.map(({ sinceApproval }) => sinceApproval)),
    of: times.length,
  };
}
