import { expect, test } from 'vitest';
import type { Result } from '../../../../src/core/incident/result.ts';
import { isEmptyCard, reportCard } from '../../../../src/core/report/report-card.ts';
import { readPeriod } from '../../../../src/core/report/report-period.ts';
import { reportLines } from '../../../../src/core/report/report-words.ts';
import { killedAt, Mi } from '../../../fixtures/incidents.ts';
import { aResult as someResult } from '../../../fixtures/results.ts';

const minuteMs = 60_000;
let plans = 0;

/** Of a change of its own. */
function aResult(changes: Partial<Result> = {}): Result {
  plans += 1;
  return someResult({ plan: `PLAN-${plans}`, ...changes });
}

test('a card without results says nothing', () => {
  const card = reportCard([]);

  expect(isEmptyCard(card)).toBe(true);
  expect(reportLines(card)).toEqual([]);
});

test('only what held or failed counts, by kind of fix; what was reverted or not measured is told apart', () => {
  const card = reportCard([
    aResult(),
    aResult({ outcome: 'overshot' }),
    aResult({ outcome: 'failed' }),
    aResult({ kind: 'pull-request' }),
    aResult({ outcome: 'vanished' }),
    aResult({ outcome: 'inconclusive' }),
    aResult({ outcome: 'undone' }),
  ]);

  expect(card).toMatchObject({ held: 3, failed: 1, undone: 1, vanished: 1, inconclusive: 1 });
  expect(card.kinds).toEqual([
    { kind: 'raise-limit', held: 2, failed: 1 },
    { kind: 'pull-request', held: 1, failed: 0 },
  ]);
  expect(reportLines(card)).toEqual([
    expect.stringMatching(/^3 of 4 fixes held \(75 ?%\)$/),
    'Higher limit: 2 of 3 held',
    'Pull request: 1 of 1 held',
    'Usually fixed 12 min after the kill, 2 min after approval (median of 7)',
    'Not counted: 1 taken back by a person, 1 reverted before they could be judged, 1 that nobody could measure',
    'Killed again: shop/checkout at 640Mi (INC-7F3K)',
  ]);
});

test('a change that bought time is never counted as a fix, only whether its promise was right', () => {
  const card = reportCard([aResult({ purpose: 'mitigation' }), aResult({ purpose: 'mitigation', outcome: 'failed' })]);

  expect(card).toMatchObject({ held: 0, failed: 0, mitigations: { right: 1, wrong: 1 }, killedAgain: [] });
  expect(reportLines(card)[0]).toBe('Bought time as promised: 1 of 2');
});

test('a later check of the same change replaces the earlier one, in whatever order they are read', () => {
  const early = aResult({ plan: 'PLAN-SAME' });
  const late = { ...early, outcome: 'failed' as const, at: early.at + minuteMs };

  expect(reportCard([late, early])).toMatchObject({ held: 0, failed: 1 });
  expect(reportCard([early, { ...late, subject: { ...late.subject, cluster: 'other' } }])).toMatchObject({
    held: 1,
    failed: 1,
  });
});

test('what held and was undone later counts neither way', () => {
  const held = aResult({ plan: 'PLAN-UNDONE' });

  expect(reportCard([held, { ...held, outcome: 'undone', at: held.at + minuteMs }])).toMatchObject({
    held: 0,
    failed: 0,
    kinds: [],
  });
});

test('overshoot is the mean share of the limit that was never used, of the fixes where that is known', () => {
  const card = reportCard([
    aResult({ spareBytes: 64 * Mi }),
    aResult({ outcome: 'overshot', spareBytes: 320 * Mi }),
    aResult(),
    aResult({ outcome: 'failed', spareBytes: 640 * Mi }),
  ]);

  expect(card.overshoot?.share).toBeCloseTo(0.3);
  expect(card.overshoot?.of).toBe(2);
});

test('without a kill or an approval there is no time to the fix', () => {
  expect(reportCard([aResult({ killedAt: null }), aResult({ approvedAt: null })]).toFix).toBeNull();
});

test('at most five that were killed again are named, the latest first', () => {
  const killed = Array.from({ length: 7 }, (_, at) =>
    aResult({ outcome: 'failed', at: killedAt + at, incident: `INC-000${at}` }),
  );

  const lines = reportLines(reportCard(killed)).filter((line) => line.includes('illed again'));

  expect(lines[0]).toContain('INC-0006');
  expect(lines.at(-1)).toBe('… and 2 more that were killed again');
});

test.each([
  [[], { days: 7, rest: [] }],
  [['30d'], { days: 30, rest: [] }],
  [['prod', '2w'], { days: 14, rest: ['prod'] }],
  [['7D', 'prod/shop'], { days: 7, rest: ['prod/shop'] }],
  [['0d'], { days: 7, rest: ['0d'] }],
  [['d7'], { days: 7, rest: ['d7'] }],
])('the words %j name the period %j', (words, expected) => {
  expect(readPeriod(words)).toEqual(expected);
});
