import { expect, test } from 'vitest';
import { namesOf, sentence } from '../../../../src/core/talk/words.ts';
import { roughDuration } from '../../../../src/core/units/duration.ts';

test.each([
  [0, 'less than 1 s'],
  [999, 'less than 1 s'],
  [1_000, '1 s'],
  [119_000, '119 s'],
  [120_000, '2 min'],
  [7_200_000, '2 h'],
  [172_800_000, '2 d'],
])('%d ms are "%s"', (ms, expected) => {
  expect(roughDuration(ms)).toBe(expected);
});

test.each([
  ['exceeded quota', 'exceeded quota.'],
  ['its pods are gone. ', 'its pods are gone.'],
  ['really?', 'really?'],
])('"%s" as a sentence', (text, expected) => {
  expect(sentence(text)).toBe(expected);
});

test.each([
  [[], 0, ''],
  [['A'], 1, 'A'],
  [['A', 'B'], 2, 'A or B'],
  [['A', 'B'], 3, 'A, B or 1 other'],
  [['A', 'B'], 9, 'A, B or 7 others'],
])('%j of %d people', (named, total, expected) => {
  expect(namesOf(named, total)).toBe(expected);
});
