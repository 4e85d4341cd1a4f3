import { expect, test } from 'vitest';
import type { FormerRaise } from '../../../../../src/core/evidence/before/seen-before.ts';
import { learnedExcess } from '../../../../../src/core/recommend/size/learned-excess.ts';
import { killedAt, Mi } from '../../../../fixtures/incidents.ts';

const day = 24 * 60 * 60_000;

function raise(changes: Partial<FormerRaise> = {}): FormerRaise {
  return {
    incident: 'INC-0LD1',
    purpose: 'fix',
    fromBytes: 512 * Mi,
    toBytes: 1024 * Mi,
    at: killedAt,
    outcome: 'held',
    lastedMs: 7 * day,
    boughtMs: null,
    mostBytes: 563.2 * Mi,
    ...changes,
  };
}

test.each<[string, readonly FormerRaise[], number]>([
  ['nothing was raised before', [], 0.3],
  ['one that needed a tenth more counts as much as the table', [raise()], 0.2],
  ['two count twice', [raise(), raise()], (0.3 + 0.2) / 3],
  ['what needed no more than before counts as nothing more', [raise({ mostBytes: 400 * Mi })], 0.15],
  ['what was killed again says nothing of how much is enough', [raise({ outcome: 'killed-again' })], 0.3],
  ['some hours are no experience', [raise({ lastedMs: day / 2 })], 0.3],
  ['nor is what nobody measured', [raise({ mostBytes: null })], 0.3],
])('the margin learns: %s', (_, raises, expected) => {
  expect(learnedExcess(0.3, raises).mean).toBeCloseTo(expected, 6);
});

test('a size says what it has learned from', () => {
  expect(learnedExcess(0.3, [raise()]).words).toBe(
    'After the raise from 512Mi to 1Gi it used at most 563Mi in 7 d (INC-0LD1), which counts here.',
  );
  expect(learnedExcess(0.3, []).words).toBe('');
});
