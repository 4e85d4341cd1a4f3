import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { accuracyPage, setSection } from '../../scripts/calibrate/accuracy-page.ts';
import { excessModule, fitExcess, needsOf } from '../../scripts/calibrate/excess.ts';
import { fit, shareIn } from '../../scripts/calibrate/fit.ts';
import { samplesOf } from '../../scripts/calibrate/samples.ts';
import { tableModule } from '../../scripts/calibrate/table.ts';
import { areThere, committedSets, largerSets, traceSet } from '../../scripts/calibrate/traces.ts';
import { formatted } from '../../scripts/formatted.ts';
import { isLongWanted, tooLong } from '../long.ts';

/* `npm run calibrate` writes the page and the table: run it after each change of a rule or a size. */

const root = join(import.meta.dirname, '../..');
const page = join(root, 'docs/accuracy.md');
const excess = join(root, 'src/core/recommend/size/excess-table.ts');
const table = join(root, 'src/core/diagnose/confidence-table.ts');

test.each(committedSets.map((dir) => [relative(root, dir), dir]))('the page on accuracy shows %s', async (_, dir) => {
  const section = await formatted(page, setSection(await traceSet(dir)));

  expect(await readFile(page, 'utf8')).toContain(section.trimEnd());
});

test('the page on accuracy and the table of confidences are those of a fresh run over all traces', async ({ skip }) => {
  if (!isLongWanted) skip(tooLong);
  skip(!areThere(largerSets), 'the larger sets of traces are not beside the repository');
  const samples = await samplesOf(largerSets);
  const fitted = fit(samples);
  const needs = await needsOf(largerSets);
  const sets = [];
  for (const dir of [...largerSets, ...committedSets])
    sets.push(await traceSet(dir, (said, raw) => shareIn(fitted, { said, raw })));

  const [freshTable, freshPage] = [tableModule(fitted), accuracyPage(sets, samples, fitted, needs)];

  expect(await readFile(table, 'utf8')).toBe(await formatted(table, freshTable));
  expect(await readFile(excess, 'utf8')).toBe(await formatted(excess, excessModule(fitExcess(needs))));
  expect(await readFile(page, 'utf8')).toBe(await formatted(page, freshPage));
});
