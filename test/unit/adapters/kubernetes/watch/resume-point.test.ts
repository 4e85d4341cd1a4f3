import { describe, expect, test } from 'vitest';
import { createResumePoint } from '../../../../../src/adapters/kubernetes/watch/resume-point.ts';

const minute = 60_000;
const hour = 60 * minute;
const now = Date.UTC(2026, 10, 24, 12);

describe('kills are old news', () => {
  test.each([
    ['before the look-back, without a checkpoint', null, now - hour],
    ['a little before the checkpoint', now - 30 * minute, now - 41 * minute],
    ['before the look-back, with an older checkpoint', now - 5 * hour, now - hour],
  ])('%s', (_, at, bound) => {
    const point = createResumePoint(at === null ? null : { resourceVersion: '7', at }, hour);

    expect(point.notBefore(true, now)).toBe(bound);
  });

  test('in a list that was made anew, before the point that was reached', () => {
    const point = createResumePoint(null, hour);
    point.moveTo('9', now, null);

    expect(point.notBefore(true, now + 20 * minute)).toBe(now - 11 * minute);
  });

  test('on a watch only before its start, because a node may report late', () => {
    const point = createResumePoint(null, hour);
    point.notBefore(true, now);
    point.moveTo('9', now + 5 * hour, null);

    expect(point.notBefore(false, now + 5 * hour)).toBe(now - hour);
  });

  test('on a watch that has run for weeks, before the ledger would forget them', () => {
    const point = createResumePoint(null, hour);
    point.notBefore(true, now);

    expect(point.notBefore(false, now + 30 * 24 * hour)).toBe(now + 23 * 24 * hour);
  });
});

describe('the checkpoint', () => {
  const cases: readonly [string, string, { resourceVersion: string | null; atMs: number } | null, string | null][] = [
    ['is what was reached', '100', null, '100'],
    ['stops before what is undecided', '100', { resourceVersion: '90', atMs: now }, '89'],
    ['never passes what was reached', '100', { resourceVersion: '300', atMs: now }, '100'],
    ['never goes back for what is undecided', '100', { resourceVersion: '50', atMs: now }, null],
    ['waits when what is undecided has no version', '100', { resourceVersion: null, atMs: now }, null],
    ['waits when versions are no numbers', 'abc', { resourceVersion: '90', atMs: now }, null],
  ];

  test.each(cases)('%s', (_, reached, pending, expected) => {
    const point = createResumePoint({ resourceVersion: '60', at: now - minute }, hour);

    expect(point.moveTo(reached, now, pending)?.resourceVersion ?? null).toBe(expected);
  });

  test('follows a server that counts from the start again', () => {
    const point = createResumePoint({ resourceVersion: '9000', at: now - minute }, hour);

    expect(point.moveTo('12', now, null)).toEqual({ resourceVersion: '12', at: now });
  });

  test('has the time of what is undecided', () => {
    const point = createResumePoint(null, hour);

    expect(point.moveTo('100', now, { resourceVersion: '90', atMs: now - 3000 })?.at).toBe(now - 3000);
  });
});
