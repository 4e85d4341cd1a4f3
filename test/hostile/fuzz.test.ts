import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCorpus } from './fuzz/corpus.ts';
import { fuzzTargets } from './fuzz/targets.ts';

/** The same inputs each time: new ones are looked for by `npm run fuzz`. */
const seed = 12;
const runs = 150;

test.each(fuzzTargets)('$name: right or refused, whatever comes', async ({ name, input, check }) => {
  const found = await readCorpus(name);

  for (const one of found) await check(one);
  const result = await fc.check(
    fc.asyncProperty(input, async (given) => check(given)),
    { seed, numRuns: runs },
  );

  expect(result.failed ? fc.defaultReportMessage(result) : 'right or refused').toBe('right or refused');
});
