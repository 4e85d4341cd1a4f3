import { describe, expect, test } from 'vitest';

import { judgeValue, valueBoundsSchema } from '../../../../src/core/recommend/judge-value.ts';
import type { Judged, ValueBounds, ValueProblem } from '../../../../src/core/recommend/judge-value.ts';
import { Mi } from '../../../fixtures/findings.ts';

const Gi = 1024 * Mi;

const bounds: ValueBounds = {
  fromLimitBytes: 128 * Mi,
  lastSampleBytes: 84 * Mi,
  peakBytes: 110 * Mi,
  recommendedBytes: 192 * Mi,
  demand: { is: 'beyond', bytes: 128 * Mi, excess: 0.28 },
  nodeAllocatableBytes: 16 * Gi,
  nodeFreeBytes: 2 * Gi,
  quota: { name: 'team', leftBytes: 8 * Gi },
  limitRange: { name: 'sizes', minBytes: 64 * Mi, maxBytes: 10 * Gi },
  slopeBytesPerSecond: null,
};

function meaningOf(judged: Judged): readonly string[] {
  if (!judged.ok) throw new Error(judged.text);
  return judged.meaning;
}

describe('a value that can be used', () => {
  test.each([
    ['176Mi', 176 * Mi],
    [' 176Mi ', 176 * Mi],
    ['0.5Gi', 512 * Mi],
    ['.5Gi', 512 * Mi],
    ['+1Gi', Gi],
    ['200M', 200_000_000],
    ['2e8', 200_000_000],
    ['536870912', 512 * Mi],
  ])('is read from "%s"', (typed, limitBytes) => {
    expect(judgeValue(typed, bounds)).toMatchObject({ ok: true, limitBytes, requestBytes: limitBytes });
  });

  test('comes with what it would mean', () => {
    expect(meaningOf(judgeValue('176Mi', bounds))).toEqual([
      '+38% on 128Mi',
      'about 2.1 times the last sample of 84Mi',
      'likely to hold: 76%',
      '192Mi is recommended, so this is less',
    ]);
  });

  test('for a leak comes with the time that it buys, and no chance to hold', () => {
    const leak = { ...bounds, demand: null, slopeBytesPerSecond: (4 * Mi) / 60 };

    const judged = judgeValue('848Mi', leak);

    expect(judged).toMatchObject({ ok: true, holds: null });
    expect(meaningOf(judged)).toContain('at 4 Mi/min it buys about 3 h; no limit fixes a leak');
  });

  test('below what it was killed at says so', () => {
    expect(meaningOf(judgeValue('112Mi', bounds))[0]).toBe('-13% on 128Mi: less than it was killed at');
  });

  test('many times the present one is no percentage, and says when the node is too full for it', () => {
    const meaning = meaningOf(judgeValue('4Gi', bounds));

    expect(meaning[0]).toBe('32 times 128Mi');
    expect(meaning).toContain('its node has 2Gi left for it, so the pod may have to move to another one');
  });

  test('is judged by what is known alone', () => {
    const nothing = Object.fromEntries(Object.keys(bounds).map((key) => [key, null]));

    expect(judgeValue('1Gi', valueBoundsSchema.parse(nothing))).toEqual({
      ok: true,
      limitBytes: Gi,
      requestBytes: Gi,
      holds: null,
      meaning: [],
    });
  });
});

describe('a value that cannot be used', () => {
  test.each<[string, ValueProblem, string]>([
    ['', 'empty', 'Nothing was typed. Write it like 512Mi or 1.5Gi.'],
    ['   ', 'empty', 'Nothing was typed.'],
    ['lots', 'no-quantity', 'lots is no size of memory. Write it like 512Mi or 1.5Gi.'],
    ['1,5Gi', 'no-quantity', '1,5Gi is no size of memory.'],
    ['٥١٢Mi', 'no-quantity', 'is no size of memory.'],
    [`${'9'.repeat(5000)}x`, 'no-quantity', '999999999999999999999999… is no size of memory.'],
    ['NaN', 'no-quantity', 'NaN is no size of memory.'],
    ['0x200', 'no-quantity', '0x200 is no size of memory.'],
    ['512', 'no-unit', '512 would be 512 bytes, and no program runs in that. Did you mean 512Mi?'],
    ['512m', 'no-unit', 'm means thousandths. Did you mean 512Mi?'],
    ['1e3', 'no-unit', '1e3 would be 1000 bytes'],
    ['512MB', 'wrong-unit', 'Kubernetes does not take 512MB. Did you mean 512M or 512Mi?'],
    ['512mib', 'wrong-unit', 'Did you mean 512Mi?'],
    ['1.5gb', 'wrong-unit', 'Did you mean 1.5G or 1.5Gi?'],
    ['512mi', 'wrong-unit', 'Did you mean 512Mi?'],
    ['512 Mi', 'wrong-unit', 'Did you mean 512Mi?'],
    ['1g', 'wrong-unit', 'Did you mean 1Gi?'],
    ['-1Gi', 'not-positive', 'A limit has to be more than nothing, and -1Gi is not.'],
    ['0', 'not-positive', 'A limit has to be more than nothing, and 0 is not.'],
    ['0Gi', 'not-positive', 'and 0Gi is not.'],
    ['9Ei', 'too-large', '9Ei is more than any machine has.'],
    ['1e99', 'too-large', '1e99 is more than any machine has.'],
    ['1e9999999', 'too-large', '1e9999999 is more than any machine has.'],
    ['9'.repeat(400), 'too-large', 'is more than any machine has.'],
    ['128Mi', 'same', 'The limit is 128Mi already.'],
    ['131072Ki', 'same', 'The limit is 128Mi already.'],
    ['100Mi', 'below-use', 'It used 110Mi, so a limit of 100Mi would kill it at once.'],
    ['17Gi', 'above-node', 'Its node has 16Gi for all pods together, so a limit of 17Gi can never be met there.'],
    ['9Gi', 'above-quota', 'The ResourceQuota team has 8Gi left, and 9Gi takes 9088Mi more. Choose at most 8320Mi,'],
  ])('like "%s" is refused as %s', (typed, reason, text) => {
    const judged = judgeValue(typed, bounds);

    expect(judged).toMatchObject({ ok: false, reason });
    expect(judged.ok ? '' : judged.text).toContain(text);
    expect(judged.ok ? 0 : judged.text.length).toBeLessThan(200);
  });

  test.each([
    ['11Gi', 'above-limit-range', 'The LimitRange sizes allows at most 10Gi in each container.'],
    ['32Mi', 'below-limit-range', 'The LimitRange sizes asks for at least 64Mi in each container.'],
  ])('like "%s" outside of the LimitRange is refused as %s', (typed, reason, text) => {
    const judged = judgeValue(typed, { ...bounds, quota: null, lastSampleBytes: null, peakBytes: null });

    expect(judged).toMatchObject({ ok: false, reason, text: expect.stringContaining(text) });
  });
});
