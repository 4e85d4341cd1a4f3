import { expect, test } from 'vitest';
import { quietUntil } from '../../../../src/core/notify/quiet-hours.ts';
import type { Severity } from '../../../../src/core/notify/severity.ts';
import { complaintsOf, policyOf } from './policy-words.ts';

function ending(hours: unknown, at: string, severity: Severity = 'high'): string | null {
  const rule = policyOf({ notify: [{ levels: [{ who: ['owner'] }], quietHours: [hours] }] }).notify[0];
  const end = quietUntil(rule?.quietHours ?? [], severity, Date.parse(at));
  return end === null ? null : new Date(end).toISOString();
}

const night = { from: '22:00', until: '07:00', timeZone: 'Europe/Berlin' };
const noon = { from: '12:00', until: '13:30', timeZone: 'UTC' };
const weekend = { ...night, days: ['fri', 'sat'] };

test.each([
  ['before them', night, '2026-11-24T20:59:59Z', null],
  ['at their beginning', night, '2026-11-24T21:00:00Z', '2026-11-25T06:00:00.000Z'],
  ['after midnight', night, '2026-11-25T02:13:40Z', '2026-11-25T06:00:00.000Z'],
  ['at their end', night, '2026-11-25T06:00:00Z', null],
  ['within a day', noon, '2026-11-24T12:10:00Z', '2026-11-24T13:30:00.000Z'],
  ['outside of a day', noon, '2026-11-24T13:30:00Z', null],
  ['on the evening of one of their days', weekend, '2026-11-27T21:30:00Z', '2026-11-28T06:00:00.000Z'],
  ['on the morning after one of their days', weekend, '2026-11-29T03:00:00Z', '2026-11-29T06:00:00.000Z'],
  ['on the evening of another day', weekend, '2026-11-29T21:30:00Z', null],
  ['on the morning after another day', weekend, '2026-11-30T03:00:00Z', null],
  ['while the clocks go forward', night, '2026-03-29T00:30:00Z', '2026-03-29T05:00:00.000Z'],
  ['while the clocks go back', night, '2026-10-25T00:30:00Z', '2026-10-25T06:00:00.000Z'],
  [
    'half an hour beside the others',
    { ...night, timeZone: 'Asia/Kolkata' },
    '2026-11-24T17:00:00Z',
    '2026-11-25T01:30:00.000Z',
  ],
])('%s', (_, hours, at, end) => {
  expect(ending(hours, at)).toBe(end);
});

test('the worst does not wait, unless policy says so', () => {
  const at = '2026-11-25T02:00:00Z';

  expect(ending(night, at, 'critical')).toBeNull();
  expect(ending(night, at, 'low')).not.toBeNull();
  expect(ending({ ...night, upTo: 'critical' }, at, 'critical')).not.toBeNull();
  expect(ending({ ...night, upTo: 'low' }, at, 'high')).toBeNull();
});

test.each([
  ['a zone that is none', { ...night, timeZone: 'Berlin' }, 'timeZone: must be a time zone such as Europe/Berlin'],
  ['a time that is none', { ...night, from: '25:00' }, 'from: must be a time of day such as "22:00"'],
  [
    'a time that YAML made a number of',
    { ...night, from: 1320 },
    'from: must be a time of day such as "22:00", in quotes',
  ],
  ['no time at all', { ...night, until: '22:00' }, 'until: must be another time than from'],
])('%s is refused', (_, hours, complaint) => {
  expect(complaintsOf({ notify: [{ levels: [{ who: ['owner'] }], quietHours: [hours] }] })).toEqual([
    `notify.0.quietHours.0.${complaint}`,
  ]);
});
