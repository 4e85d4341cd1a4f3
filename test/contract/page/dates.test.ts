import { expect, test } from 'vitest';
import { dayLabel, formatDate } from '../../../sandbox/slack/page/text/dates.ts';

// Built in the reader's own zone, which is what Slack shows dates in.
const local = (day: number, hour: number): number => new Date(2026, 10, day, hour, 41, 12).getTime();
const at = local(24, 9);

test.each([
  ['a day near by its name', '{date_short_pretty}', local(24, 23), 'today'],
  ['the day before', '{date_pretty}', local(25, 1), 'yesterday'],
  ['the day after', '{date_pretty}', local(23, 23), 'tomorrow'],
  ['an unknown token by the fallback', '{date} {century}', at, 'the fallback'],
])('a date token shows %s', (_, format, now, expected) => {
  const shown = formatDate(at / 1000, format, 'the fallback', now);

  expect(shown).toBe(expected);
});

test('a day divider names the days near now', () => {
  const labels = [local(24, 12), local(25, 12)].map((now) => dayLabel(`${at / 1000}.000100`, now));

  expect(labels).toEqual(['Today', 'Yesterday']);
});
