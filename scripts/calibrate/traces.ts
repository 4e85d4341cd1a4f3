import { existsSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { readTrace, traceFolders } from '../../src/adapters/recording/read-trace.ts';
import { judgedLine, score } from '../../src/app/evaluate/evaluate.ts';
import { readTruth } from '../../src/app/evaluate/read-truth.ts';
import { calibrated } from '../../src/core/diagnose/calibrated.ts';
import type { Scored } from '../../src/core/evaluate/score.ts';
import { projectRoot } from '../project.mjs';
import type { TraceSet } from './accuracy-page.ts';

/** The traces that every clone has. */
export const committedSets: readonly string[] = ['traces', 'fair-traces'].map((name) =>
  join(projectRoot, 'test/recordings', name),
);
const shared = join(projectRoot, '../shared/datasets');
/** The larger sets that the tables are made from; they lie beside the repository, or nowhere. */
export const largerSets: readonly string[] = [join(shared, 'kills'), join(shared, 'fair')];

export function areThere(dirs: readonly string[]): boolean {
  return dirs.every((dir) => existsSync(dir));
}

/** What is said of each trace of a folder beside its truth. @throws Failure */
export async function traceSet(dir: string, confidenceOf = calibrated): Promise<TraceSet> {
  const scored: Scored[] = [];
  for (const folder of traceFolders(dir)) {
    const truth = readTruth(folder);
    if (truth === null) continue;
    const trace = readTrace(folder);
    const { judged, line } = await judgedLine(trace, confidenceOf);
    scored.push(await score(trace, judged, line, truth));
  }
  const name = committedSets.includes(dir) ? relative(projectRoot, dir) : basename(dir);
  return { name: `Traces in \`${name}\``, about: about[name] ?? '', scored, isWhole: !committedSets.includes(dir) };
}

const about: Readonly<Record<string, string>> = {
  kills: `Single containers, sampled once a second. What is beside the memory (a rollout, a volume in memory, the load) tells
something of the cause here.`,
  fair: `Every workload is a Deployment with innocent rollouts, volumes that stay empty and neighbours with troubles of their
own; samples are 1 to 5 s apart, some are missing, and what is beside the memory tells nothing.`,
  'test/recordings/traces': 'A few of `kills`, in this repository.',
  'test/recordings/fair-traces': 'A few of `fair`, in this repository.',
};
