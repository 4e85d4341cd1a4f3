import { expect, test } from 'vitest';
import { digestDue, isWeekly, localTimeSchema, weeklySchema } from '../../../../src/core/digest/digest-time.ts';

const utc = (text: string): number => Date.parse(`${text}Z`);
const due = (now: string, minutes: number, zone: string): string | null => {
  const slot = digestDue(utc(now), { minutes, zone });
  return slot === null ? null : new Date(slot).toISOString().slice(0, 16);
};

test.each([
  ['at the hour', '2026-11-24T08:00', 480, 'UTC', '2026-11-24T08:00'],
  ['within six hours', '2026-11-24T13:59', 480, 'UTC', '2026-11-24T08:00'],
  ['later than that', '2026-11-24T14:00', 480, 'UTC', null],
  ['a minute before', '2026-11-24T07:59', 480, 'UTC', null],
  ['after midnight, of an hour late in the day', '2026-11-25T01:00', 23 * 60, 'UTC', '2026-11-24T23:00'],
  ['in Berlin in winter', '2026-11-24T07:00', 480, 'Europe/Berlin', '2026-11-24T07:00'],
  ['in Berlin in summer', '2026-07-24T06:00', 480, 'Europe/Berlin', '2026-07-24T06:00'],
  ['in Berlin on the day of the change', '2026-03-29T06:30', 480, 'Europe/Berlin', '2026-03-29T06:00'],
  ['where the day is another one', '2026-11-24T22:30', 480, 'Asia/Tokyo', null],
  ['where the day has begun', '2026-11-24T23:30', 480, 'Asia/Tokyo', '2026-11-24T23:00'],
  ['far west', '2026-11-25T05:30', 20 * 60, 'Pacific/Honolulu', null],
  ['far west, a little later', '2026-11-25T06:30', 20 * 60, 'Pacific/Honolulu', '2026-11-25T06:00'],
])('a digest %s: at %s the one of %i min in %s is %s', (...[, now, minutes, zone, expected]) => {
  expect(due(now, minutes, zone)).toBe(expected);
});

test('an hour that the clock skips is not left out', () => {
  // 02:30 does not exist in Berlin on that day.
  const slot = digestDue(utc('2026-03-29T03:00'), { minutes: 150, zone: 'Europe/Berlin' });

  expect(slot).not.toBeNull();
  expect(Math.abs((slot ?? 0) - utc('2026-03-29T01:00'))).toBeLessThanOrEqual(3_600_000);
});

test('the week is that of the place', () => {
  const at = { minutes: 480, zone: 'Asia/Tokyo' };
  // Sunday in UTC, Monday in Tokyo.
  const slot = utc('2026-11-29T23:00');

  expect(isWeekly(slot, { at, weekly: 'mon' })).toBe(true);
  expect(isWeekly(slot, { at, weekly: 'sun' })).toBe(false);
  expect(isWeekly(slot, { at, weekly: null })).toBe(false);
});

test.each([
  ['08:00', { minutes: 480, zone: 'UTC' }],
  ['17:30 Europe/Berlin', { minutes: 1050, zone: 'Europe/Berlin' }],
  ['off', null],
])('%s is read', (text, expected) => {
  expect(localTimeSchema.parse(text)).toEqual(expected);
});

test.each(['8:00', '24:00', '08:00 Mars/Phobos', '08:00  UTC', 'noon', '08:00 '])('%j is no time of day', (text) => {
  expect(localTimeSchema.safeParse(text).error?.issues[0]?.message).toMatch(/^must be a time of day/);
});

test('a day of the week, or never', () => {
  expect(weeklySchema.parse('fri')).toBe('fri');
  expect(weeklySchema.parse('off')).toBeNull();
  expect(weeklySchema.safeParse('someday').success).toBe(false);
});
