import { expect, test } from 'vitest';
import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import { recommend } from '../../../../src/core/recommend/recommend.ts';
import { findingsOf, killAt, killedAt, Mi, minute, runBefore } from '../../../fixtures/findings.ts';

const hour = 60 * minute;
const day = 24 * hour;

/** Advice for a kill at 256Mi after a peak, with the most of each of the last days, the last of them yesterday's. */
function advise(days: readonly number[]) {
  const kill = killAt(killedAt, hour);
  const findings = findingsOf([runBefore(kill, (age) => (age > 58 * minute ? 250 : 90), 15_000)]);
  const peaks = days.map((mega, index) => {
    const from = killedAt - (days.length - index) * day;
    return { from, to: from + hour, bytes: mega * Mi };
  });
  const { usage } = findings;
  const known = usage.found ? { ...findings, usage: { ...usage, value: { ...usage.value, peaks } } } : findings;
  return recommend(diagnose(known, kill, [kill], killedAt), known, kill, [kill]).fix;
}

test('what it used under a higher limit in the last fortnight is what it needs', () => {
  expect(advise([100, 310, 120, 110])).toMatchObject({
    limitBytes: 368 * Mi,
    why: 'It used up to 310Mi in the last 14 days, under a higher limit.',
  });
});

test('a calm fortnight says that the kill is an exception', () => {
  const fix = advise([90, 92, 95, 140, 91, 92, 93, 95, 96, 97, 250]);

  expect(fix.why).toContain('On 10 of the last 11 days it used at most 140Mi, so this kill is an exception.');
});

test.each([
  ['a few days', [90, 92, 91]],
  ['days that came near the limit', [90, 230, 91, 240, 92, 225, 90, 231, 92]],
  ['days without a sample', []],
])('%s say nothing of the kind', (_, days) => {
  const fix = advise(days);

  expect(fix.why).not.toContain('exception');
  expect(fix.why).toContain('Nobody saw how much more it needs');
});
