import { describe, expect, test } from 'vitest';
import type { FormerRaise } from '../../../../src/core/evidence/before/seen-before.ts';
import type { Findings } from '../../../../src/core/evidence/evidence.ts';
import { withHistory, withSameImage } from '../../../../src/core/recommend/history.ts';
import type { Recommendation } from '../../../../src/core/recommend/recommendation.ts';
import { found } from '../../../fixtures/findings.ts';
import { Mi, killedAt } from '../../../fixtures/incidents.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

const raise = { limitBytes: 256 * Mi, requestBytes: 256 * Mi };
const leak: Recommendation = {
  fix: { kind: 'fix-leak', why: 'A higher limit only delays the next kill.' },
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
    mostBytes: null,
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
    const { fix } = after(leak, [formerRaise({ boughtMs })], (4 * Mi) / 60);

    expect(fix.why).toContain('The raise from 80Mi to 128Mi did not hold: it was killed again 13 min later.');
    expect(fix.why).toContain(words);
  });

  test.each([
    { buysMs: 40 * minute, words: /^The raise .* Another raise would only buy about 40 min, so none is proposed\.$/ },
    { buysMs: null, words: /^The raise .* Another raise would do no better, so none is proposed\.$/ },
  ])('a leak gets no other one that buys $buysMs ms', ({ buysMs, words }) => {
    const mitigation = leak.mitigation && { ...leak.mitigation, buysMs };

    const advice = after({ ...leak, mitigation }, [formerRaise()]);

    expect(advice.mitigation).toBeNull();
    expect(advice.fix.why).toMatch(words);
  });

  test('a leak gets another one that lasts a night', () => {
    const mitigation = leak.mitigation && { ...leak.mitigation, buysMs: day / 2 };

    const advice = after({ ...leak, mitigation }, [formerRaise()]);

    expect(advice.mitigation).toEqual(mitigation);
    expect(advice.fix.why).not.toContain('none is proposed');
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

describe('what a raise did for another workload with the same image', () => {
  const elsewhere = (raises: readonly FormerRaise[], workload: string | null = null): Findings['sameImage'] =>
    found({
      repository: 'shop/catalog',
      twins: [
        { workload, latest: { id: 'INC-1', at: killedAt - 2 * day, kills: 1, cause: null, sameImage: true }, raises },
      ],
    });
  const told = (advice: Recommendation, sameImage: Findings['sameImage']): Recommendation =>
    withSameImage(advice, sameImage === undefined ? {} : { sameImage }, 80 * Mi);
  const held = formerRaise({ toBytes: 384 * Mi, outcome: 'held', lastedMs: 2 * day });

  test.each<[string, FormerRaise, string | null, string]>([
    [
      'a raise that held',
      held,
      null,
      'It needs more. The same image was raised to 384Mi in another namespace and was not killed there for 2 d.',
    ],
    [
      'one of the same namespace that did not hold, at no less than is proposed',
      { ...held, outcome: 'killed-again' },
      'Deployment catalog-canary',
      'It needs more. The same image was raised to 384Mi in Deployment catalog-canary and was killed again 2 d later (INC-1), so this may be too little.',
    ],
    ['one that is too new to have held', { ...held, lastedMs: day / 2 }, null, 'It needs more.'],
    ['one that was put back', { ...held, outcome: 'put-back' }, null, 'It needs more.'],
    ['one to no more than this one has', { ...held, toBytes: 80 * Mi }, null, 'It needs more.'],
    ['one in vain to less than is proposed', formerRaise({ toBytes: 128 * Mi }), null, 'It needs more.'],
  ])('%s', (_, raised, workload, why) => {
    expect(told(tooLow, elsewhere([raised], workload)).fix).toEqual({ ...tooLow.fix, why });
  });

  test('says nothing to a leak, and nothing where there was none', () => {
    expect([told(leak, elsewhere([held])), told(tooLow, elsewhere([])), told(tooLow, undefined)]).toEqual([
      leak,
      tooLow,
      tooLow,
    ]);
  });
});
