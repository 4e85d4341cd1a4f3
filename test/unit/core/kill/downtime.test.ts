import { expect, test } from 'vitest';
import { joinDowntimes, type Sight, sightOf } from '../../../../src/core/kill/downtime.ts';

const at = (clock: string): string => `2026-11-24T${clock}Z`;
const ms = (clock: string): number => Date.parse(at(clock));

test.each<[string, string | null, string | null, string]>([
  ['killed during a downtime', '02:50:00', '03:12:00', 'offline'],
  ['killed when it began', '02:50:00', '02:50:00', 'offline'],
  ['killed when it had ended', '02:50:00', '03:20:00', 'ended-after-it'],
  ['killed before it, and reported late', '02:50:00', '02:49:59', 'ended-before-it'],
  ['killed while a watcher was started again', '03:18:01', '03:19:00', 'short-downtime'],
  ['killed before the first start of all', null, '03:12:00', 'offline'],
  ['of a time that nobody told', '02:50:00', null, 'no-time'],
])('a container %s', (...[, from, killed, expected]) => {
  const downtime = { from: from === null ? null : ms(from), until: ms('03:20:00') };

  const sight: Sight = sightOf({ finishedAt: killed === null ? null : at(killed) }, downtime);

  expect(sight.is === 'offline' ? sight.is : sight.because).toBe(expected);
});

test('of several streams, the downtime lasts from when the last of them was read until the first goes on', () => {
  const streams = [
    { from: null, until: 30 },
    { from: 10, until: 31 },
    { from: 12, until: 29 },
  ];

  expect(streams.reduce(joinDowntimes, null)).toEqual({ from: 12, until: 29 });
});
