import { expect, test } from 'vitest';
import { joinAbsences, type Sight, sightOf } from '../../../../src/core/kill/absence.ts';

const at = (clock: string): string => `2026-11-24T${clock}Z`;
const ms = (clock: string): number => Date.parse(at(clock));

test.each<[string, string | null, string | null, string]>([
  ['killed during an absence', '02:50:00', '03:12:00', 'away'],
  ['killed when it began', '02:50:00', '02:50:00', 'away'],
  ['killed when it had ended', '02:50:00', '03:20:00', 'ended-after-it'],
  ['killed before it, and reported late', '02:50:00', '02:49:59', 'ended-before-it'],
  ['killed while a watcher was started again', '03:18:01', '03:19:00', 'short-absence'],
  ['killed before the first start of all', null, '03:12:00', 'away'],
  ['of a time that nobody told', '02:50:00', null, 'no-time'],
])('a container %s', (...[, from, killed, expected]) => {
  const absence = { from: from === null ? null : ms(from), until: ms('03:20:00') };

  const sight: Sight = sightOf({ finishedAt: killed === null ? null : at(killed) }, absence);

  expect(sight.is === 'away' ? sight.is : sight.because).toBe(expected);
});

test('of several streams, the absence lasts from when the last of them was read until the first goes on', () => {
  const streams = [
    { from: null, until: 30 },
    { from: 10, until: 31 },
    { from: 12, until: 29 },
  ];

  expect(streams.reduce(joinAbsences, null)).toEqual({ from: 12, until: 29 });
});
