import { readTrace, traceFolders } from '../../src/adapters/recording/read-trace.ts';
import { judgeTrace } from '../../src/app/evaluate/judge-trace.ts';
import type { Basis } from '../../src/app/evaluate/judge-trace.ts';
import { readTruth } from '../../src/app/evaluate/read-truth.ts';
import { factsOf } from '../../src/core/diagnose/facts.ts';
import { triggeredAtMs } from '../../src/core/kill/trigger.ts';
import { estimateLimit } from '../../src/core/recommend/size/estimate-limit.ts';
import { groupOf } from '../../src/core/recommend/size/excess.ts';
import type { ExcessGroup, ExcessTable } from '../../src/core/recommend/size/excess.ts';
import { percent } from '../../src/core/units/percent.ts';

/** How far the need of one killed workload went beyond its limit. Bytes. */
export interface Need {
  readonly set: string;
  /** Label and kind of the truth: what is left out together. */
  readonly kind: string;
  readonly group: ExcessGroup;
  readonly peakBytes: number;
  readonly limitBytes: number;
  /** Whether a size is proposed for it, as the fix. */
  readonly isSized: boolean;
  readonly basis: Basis;
}

type Seen = Pick<Need, 'group' | 'peakBytes' | 'limitBytes'>;

const sizable: readonly string[] = ['limit-too-low', 'traffic-spike', 'bad-rollout', 'child-process', 'tmpfs'];

/** The needs that labelled traces show beyond a limit. @throws Failure */
export async function needsOf(dirs: readonly string[]): Promise<readonly Need[]> {
  const needs: Need[] = [];
  for (const set of dirs)
    for (const folder of traceFolders(set)) {
      const truth = readTruth(folder);
      const peakBytes = truth?.true_peak_bytes ?? null;
      if (truth === null || peakBytes === null || !sizable.includes(truth.label)) continue;
      const { basis, verdict, recommendation } = await judgeTrace(readTrace(folder));
      if (basis === null) continue;
      const facts = factsIn(basis);
      if (facts.limitBytes === null) continue;
      needs.push({
        set,
        kind: `${truth.label}/${truth.kind}`,
        group: verdict === 'tmpfs' ? 'files' : groupOf(facts),
        peakBytes,
        limitBytes: facts.limitBytes,
        isSized: recommendation?.fix.kind === 'raise-limit' && verdict !== 'inconclusive',
        basis,
      });
    }
  return needs;
}

function factsIn({ findings, kill, recent }: Basis) {
  return factsOf(findings, kill, recent, triggeredAtMs(kill));
}

/**
 * The mean excess of each group, to three digits. Where nothing was seen, nothing tells a trace from the others, so the
 * few of them are no group. Pure.
 */
export function fitExcess(needs: readonly Seen[]): ExcessTable {
  const seen = needs.filter(({ group }) => group !== 'unseen');
  const groups = Object.entries(Object.groupBy(seen, ({ group }) => group)).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(groups.map(([group, of]) => [group, { traces: of.length, mean: meanExcess(of) }]));
}

function meanExcess(needs: readonly Seen[]): number {
  const sum = needs.reduce((all, { peakBytes, limitBytes }) => all + Math.max(0, peakBytes / limitBytes - 1), 0);
  return Math.round((sum / needs.length) * 1000) / 1000;
}

/** The module that the estimate reads, as TypeScript that is not formatted yet. */
export function excessModule(table: ExcessTable): string {
  return `/*
 * Written by \`npm run calibrate\` from the labelled traces that show a kill and a true peak: how many there are of each
 * group, and the mean of peak / limit - 1 in them.
 */
export const excessTable = {
${Object.entries(table)
  .map(([group, { traces, mean }]) => `${group}: { traces: ${traces}, mean: ${mean} },`)
  .join('\n')}
} as const;
`;
}

/** What the sizes are worth on kinds, and on sets, that the table was not made from. Markdown. */
export function excessSection(needs: readonly Need[]): string {
  const sized = needs.filter(({ isSized }) => isSized);
  const table = new Map(
    [...new Set(sized.map(({ kind }) => kind))].map((kind) => [kind, without(needs, 'kind', kind)]),
  );
  const kinds = qualityOf(sized, ({ kind }) => table.get(kind) ?? {});
  const sets = [...new Set(needs.map(({ set }) => set))].map((set) => {
    const other = without(needs, 'set', set);
    const quality = qualityOf(
      sized.filter((one) => one.set === set),
      () => other,
    );
    return `${words(quality)} of \`${set.split('/').at(-1)}\` with what the other set shows`;
  });
  return `## How far a need goes beyond the limit

The table of it (\`src/core/recommend/size/excess-table.ts\`) is made from ${needs.length} traces of both sets, so their sizes are not a proof on
others. Of the ${sized.length} that get a size for what they are taken for, with the table of all: ${words(qualityOf(sized, () => fitExcess(needs)))}. With tables that
leave out the kind that they judge: ${words(kinds)}. ${sets.join('; ')}.`;
}

function without(needs: readonly Need[], by: 'kind' | 'set', value: string): ExcessTable {
  return fitExcess(needs.filter((one) => one[by] !== value));
}

interface Quality {
  readonly n: number;
  readonly tooSmall: number;
  readonly slack: number;
}

function qualityOf(needs: readonly Need[], tableFor: (need: Need) => ExcessTable): Quality {
  const sizes = needs.map((need) => {
    const size = estimateLimit(factsIn(need.basis), { table: tableFor(need) })?.limitBytes ?? 0;
    return size / need.peakBytes - 1;
  });
  const held = sizes.filter((slack) => slack >= 0);
  const slack = held.reduce((sum, one) => sum + one, 0) / Math.max(1, held.length);
  return { n: needs.length, tooSmall: sizes.length - held.length, slack };
}

function words({ n, tooSmall, slack }: Quality): string {
  return `${tooSmall} of ${n} too small (mean slack ${percent(slack)})`;
}
