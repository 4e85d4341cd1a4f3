import { describe, expect, test } from 'vitest';
import type { FormerRaise } from '../../../../src/core/evidence/before/seen-before.ts';
import { withHistory } from '../../../../src/core/recommend/history.ts';
import type { Recommendation } from '../../../../src/core/recommend/recommendation.ts';
import { found } from '../../../fixtures/findings.ts';
import { Mi, killedAt } from '../../../fixtures/incidents.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

const raise = { limitBytes: 256 * Mi, requestBytes: 256 * Mi };
const leak: Recommendation = {
  fix: { kind: 'fix-leak', why: 'A higher limit only moves the next kill.' },
  mitigation: { kind: 'raise-limit', ...raise, buysMs: 40 * minute, why: 'Each run lasts 40 min longer.' },
};
const tooLow: Recommendation = {
  fix: { kind: 'raise-limit', ...raise, holds: 0.9, why: 'It needs more.' },
  mitigation: null,
};
const open: Recommendation = { fix: { kind: 'none', why: 'Not clear.' }, mitigation: leak.mitigation };

function formerRaise(changes: Partial<FormerRaise> = {}): FormerRaise {
  return {
    incident: 'INC-1',
    purpose: 'mitigation',
    fromBytes: 80 * Mi,
    toBytes: 128 * Mi,
    at: killedAt - 30 * minute,
    outcome: 'killed-again',
    lastedMs: 13 * minute,
    boughtMs: null,
    ...changes,
  };
}

function after(advice: Recommendation, raises: readonly FormerRaise[], slope: number | null = null): Recommendation {
  return withHistory(advice, { before: found({ incidents: [], raises }) }, slope, killedAt);
}

const earlier = formerRaise({ fromBytes: 64 * Mi, toBytes: 80 * Mi, at: killedAt - day, lastedMs: 5 * minute });

describe('after a raise at which it was killed again', () => {
  test.each([
    {
      what: 'says what it bought and that this was foretold',
      boughtMs: 12 * minute,
      words: 'It bought 12 min for each run, as growth of 4 Mi/min foretold.',
    },
    {
      what: 'says what it bought, also if that was not foretold',
      boughtMs: 40 * minute,
      words: 'It bought 40 min for each run.',
    },
    {
      what: 'says no more where that is not known',
      boughtMs: null,
      words: 'killed again 13 min later. A higher limit',
    },
  ])('the advice about a leak $what', ({ boughtMs, words }) => {
    const { fix, mitigation } = after(leak, [formerRaise({ boughtMs })], (4 * Mi) / 60);

    expect(fix.why).toContain('The raise from 80Mi to 128Mi did not hold: it was killed again 13 min later.');
    expect(fix.why).toContain(words);
    expect(mitigation).toEqual(leak.mitigation);
  });

  test('another raise begins with it', () => {
    expect(after(tooLow, [formerRaise()]).fix.why).toMatch(
      /^The raise from 80Mi to 128Mi did not hold.* It needs more\.$/,
    );
  });
});

test.each([
  { of: 'a fix', advice: tooLow, kind: 'none' },
  { of: 'what buys time for a leak', advice: leak, kind: 'fix-leak' },
  { of: 'a try', advice: open, kind: 'none' },
])('the third raise in a week is refused as $of, with the history', ({ advice, kind }) => {
  const { fix, mitigation } = after(advice, [earlier, formerRaise()]);

  expect([fix.kind, mitigation]).toEqual([kind, null]);
  expect(fix.why).toContain(
    'It was raised twice in the last 7 days (64Mi -> 80Mi, killed 5 min later, 80Mi -> 128Mi, killed 13 min later) and killed again each time',
  );
});

test.each<readonly [string, readonly FormerRaise[]]>([
  [
    'that were more than a week ago',
    [
      { ...earlier, at: killedAt - 8 * day },
      { ...formerRaise(), at: killedAt - 9 * day },
    ],
  ],
  ['that held', [{ ...earlier, outcome: 'held' }, formerRaise({ outcome: 'held' })]],
  ['that were put back', [formerRaise({ outcome: 'put-back' })]],
])('raises %s change nothing', (_, raises) => {
  expect(after(leak, raises)).toEqual(leak);
});

test('a pull request that makes the raise in the cluster last is no second one', () => {
  expect(after(tooLow, [formerRaise(), formerRaise({ at: killedAt - 20 * minute })]).fix.kind).toBe('raise-limit');
});

test('without a history the advice stays', () => {
  expect(withHistory(leak, {}, null, killedAt)).toEqual(leak);
});
