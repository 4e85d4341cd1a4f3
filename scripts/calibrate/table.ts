import type { Fitted, Step } from './fit.ts';

/** The module that `calibrated` reads, as TypeScript that is not formatted yet. */
export function tableModule({ causes, others }: Fitted): string {
  return `/* Written by \`npm run calibrate\`; docs/accuracy.md says from what and how. Beside each: right, of how many traces. */
export const confidenceTable = {
  causes: {
${Object.entries(causes)
  .map(([cause, steps]) => `'${cause}': [\n${rows(steps)}\n],`)
  .join('\n')}
  },
  others: [
${rows(others)}
  ],
} as const;
`;
}

function rows(steps: readonly Step[]): string {
  return changes(steps)
    .map(({ from, share, n, right }) => `[${from}, ${share}],${n === 0 ? '' : ` // ${few(right)} of ${few(n)}`}`)
    .join('\n');
}

/** Steps with the same share as the one before are no step. */
export function changes(steps: readonly Step[]): readonly Step[] {
  const kept: Step[] = [];
  for (const step of steps) {
    const before = kept.at(-1);
    if (before?.share !== step.share) kept.push(step);
    else kept[kept.length - 1] = { ...before, n: before.n + step.n, right: before.right + step.right };
  }
  return kept;
}

/** Parts of traces to one digit. */
export function few(traces: number): string {
  return String(Math.round(traces * 10) / 10);
}
