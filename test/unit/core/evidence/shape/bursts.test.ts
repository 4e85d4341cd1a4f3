import { describe, expect, test } from 'vitest';

import { seededRandom } from '../../../../../sandbox/scenario/scenario-seed.ts';
import { median } from '../../../../../src/core/evidence/statistics.ts';
import { burstsOf } from '../../../../../src/core/evidence/shape/bursts.ts';
import { killAt, killedAt, runBefore, Mi } from '../../../../fixtures/findings.ts';
import type { Usage } from '../../../../fixtures/findings.ts';

const second = 1000;
const kill = killAt(killedAt, 60 * second);

function burstsWith(usage: Usage, load: (ageMs: number) => number | undefined = () => undefined) {
  const run = runBefore(kill, usage, second);
  const samples = run.samples.map((sample) => {
    const seen = load(sample.t - (killedAt - 60 * second));
    return seen === undefined ? sample : { ...sample, load: seen };
  });
  return burstsOf({ ...run, samples }, 30 * Mi);
}

const twice: Usage = (age) => ((age >= 20_000 && age < 24_000) || (age >= 40_000 && age < 44_000) ? 220 : 60);

describe('the bursts of a run', () => {
  test('are found with the calm level, what was seen of them, and that they are over', () => {
    const found = burstsWith(twice);

    expect(found?.calmBytes).toBe(60 * Mi);
    expect(found?.bursts.map(({ seenBytes, over }) => [seenBytes / Mi, over])).toEqual([
      [220, true],
      [220, true],
    ]);
  });

  test('include the one that the run ended in', () => {
    const found = burstsWith((age) => (age > 57_000 ? 200 : 60));

    expect(found?.bursts.map(({ over }) => over)).toEqual([false]);
  });

  test('tell how much the load rose with them', () => {
    const found = burstsWith(twice, (age) => (twice(age - 1000) > 100 ? 500 : 100));

    expect(found?.bursts.map(({ loadTimes }) => loadTimes)).toEqual([5, 5]);
  });

  test('are not followed by a load that goes up and down without them', () => {
    const random = seededRandom(7);
    const times = Array.from({ length: 100 }, () => {
      const noise = Array.from({ length: 100 }, () => 100 * Math.exp(random() * 2 - 1));
      return burstsWith(twice, (age) => noise[Math.floor(age / second)])?.bursts.map(({ loadTimes }) => loadTimes ?? 0);
    });

    const middle = median(times.flatMap((one) => one ?? []));

    expect(middle).toBeGreaterThan(0.8);
    expect(middle).toBeLessThan(1.2);
  });

  test.each<[string, Usage]>([
    ['a flat line', () => 60],
    ['a wobble that is lower than asked for', (age) => 60 + 10 * Math.sin(age / 3000)],
  ])('are none in %s', (_, usage) => {
    expect(burstsWith(usage)?.bursts).toEqual([]);
  });

  test('are hardly calm in a sawtooth of garbage', () => {
    expect(burstsWith((age) => 100 + (age % 10_000) / 100)?.calmShare).toBeLessThan(0.45);
  });

  test('cannot be told from a few samples', () => {
    const run = runBefore(kill, twice, second);

    expect(burstsOf({ ...run, samples: run.samples.slice(0, 3) }, 30 * Mi)).toBeNull();
  });
});
