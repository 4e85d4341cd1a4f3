import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Said } from '../src/core/diagnose/calibrated.ts';
import { Failure } from '../src/core/failure.ts';
import { accuracyPage } from './calibrate/accuracy-page.ts';
import { excessModule, fitExcess, needsOf } from './calibrate/excess.ts';
import { fit, shareIn } from './calibrate/fit.ts';
import { samplesOf } from './calibrate/samples.ts';
import { tableModule } from './calibrate/table.ts';
import { areThere, committedSets, largerSets, traceSet } from './calibrate/traces.ts';
import { formatted } from './formatted.ts';
import { say } from './progress.mjs';
import { projectRoot } from './project.mjs';

const usage = `Usage: npm run calibrate

Writes src/core/diagnose/confidence-table.ts (how sure a verdict is, from how many such verdicts were right on labelled
traces), src/core/recommend/size/excess-table.ts (how far a need goes beyond the limit) and docs/accuracy.md. It reads the traces in ${largerSets.join(' and ')}.
`;

const table = join(projectRoot, 'src/core/diagnose/confidence-table.ts');
const excess = join(projectRoot, 'src/core/recommend/size/excess-table.ts');
const page = join(projectRoot, 'docs/accuracy.md');

if (process.argv.length > 2) process.stdout.write(usage);
else process.exitCode = await calibrate();

async function calibrate(): Promise<number> {
  if (!areThere(largerSets)) {
    say(`There are no traces in ${largerSets.join(' and ')}, so there is nothing to calibrate with.`);
    return 1;
  }
  try {
    const samples = await samplesOf(largerSets);
    const needs = await needsOf(largerSets);
    const fitted = fit(samples);
    const confidenceOf = (said: Said, raw: number): number => shareIn(fitted, { said, raw });
    const sets = [];
    for (const dir of [...largerSets, ...committedSets]) sets.push(await traceSet(dir, confidenceOf));
    for (const [path, content] of [
      [table, tableModule(fitted)],
      [excess, excessModule(fitExcess(needs))],
      [page, accuracyPage(sets, samples, fitted, needs)],
    ] as const) {
      const isNew = await write(path, content);
      say(`${relative(projectRoot, path)} ${isNew ? 'is new' : 'is as it was'}`);
      if (isNew && path === excess)
        say('Run it again: this process sizes by the table that it has read, and so does the page.');
    }
    return 0;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    say(error.message);
    return 1;
  }
}

/** Whether the file has changed. */
async function write(path: string, content: string): Promise<boolean> {
  const after = await formatted(path, content);
  const before = await readFile(path, 'utf8').catch(() => '');
  if (before === after) return false;
  await writeFile(path, after);
  return true;
}
