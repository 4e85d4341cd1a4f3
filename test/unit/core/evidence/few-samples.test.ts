import { expect, test } from 'vitest';
import { fewSamplesSay } from '../../../../src/core/evidence/few-samples.ts';

/** Samples 5 s apart as shares of the limit, the kill so many seconds after the last. */
function say(shares: readonly number[], afterSeconds: number) {
  const samples = shares.map((share, index) => ({ t: index * 5000, workingSetBytes: share * 100 }));
  return fewSamplesSay(samples, (shares.length - 1) * 5000 + afterSeconds * 1000, 100);
}

test.each([
  { what: 'one line to the limit', shares: [0.43, 0.58, 0.71, 0.88], after: 4, says: 'may-grow' },
  { what: 'one sample', shares: [0.5], after: 4, says: 'may-grow' },
  { what: 'none', shares: [], after: 4, says: 'may-grow' },
  { what: 'a flat line far below', shares: [0.46, 0.46, 0.46, 0.48], after: 4, says: 'far-below' },
  { what: 'a flat line with a peak', shares: [0.31, 0.31, 0.67, 0.31], after: 4, says: 'no-growth' },
  { what: 'a climb that was not there yet', shares: [0.24, 0.4, 0.56, 0.69], after: 1, says: 'no-growth' },
  { what: 'a climb that was past the limit by then', shares: [0.34, 0.82], after: 5, says: 'no-growth' },
  { what: 'a climb that bends', shares: [0.42, 0.58, 0.87, 0.96, 0.99], after: 1, says: 'no-growth' },
])('$what: $says', ({ shares, after, says }) => {
  expect(say(shares, after)).toBe(says);
});
