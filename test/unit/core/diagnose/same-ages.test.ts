import { expect, test } from 'vitest';
import { atSameAges } from '../../../../src/core/diagnose/rules/same-ages.ts';
import type { SameAges } from '../../../../src/core/diagnose/rules/same-ages.ts';
import type { UsageRun } from '../../../../src/core/evidence/evidence.ts';

const limitBytes = 200;
const second = 1000;

/** One sample a second, from its start to its end; `born` and ages in seconds. */
function run(born: number, lived: number, bytes: (age: number) => number, killed = false): UsageRun {
  const samples = Array.from({ length: lived }, (_, age) => ({
    t: (born + age) * second,
    workingSetBytes: bytes(age),
  }));
  const startedAt = born * second;
  const killedAt = killed ? (born + lived) * second : null;
  return { pod: `pod-${born}`, containerId: `c-${born}`, revision: null, startedAt, killedAt, limitBytes, samples };
}

const leak = (age: number): number => 20 + 6 * age;
const flat = (): number => 40;

test.each<[string, readonly UsageRun[], readonly UsageRun[], SameAges]>([
  ['a leak that was replaced before it came near', [run(0, 18, leak)], [run(20, 30, leak, true)], 'same'],
  ['a leak with noise', [run(0, 18, (age) => leak(age) + (age % 3) * 4)], [run(20, 30, leak, true)], 'same'],
  ['one that stood still as long as it was seen', [run(0, 12, flat)], [run(20, 30, flat, true)], 'unknown'],
  [
    'a burst at the very end of one that stood still as the other did',
    [run(0, 40, flat)],
    [run(50, 30, (age) => (age < 28 ? 40 : 190), true)],
    'same',
  ],
  ['one that needs more, seen for less long', [run(0, 16, flat)], [run(20, 30, leak, true)], 'higher'],
  ['one that needs more from the beginning', [run(0, 9, flat)], [run(20, 12, () => 150, true)], 'higher'],
  ['one that needs less', [run(0, 30, leak)], [run(40, 30, flat, true)], 'unknown'],
  [
    'a start that goes on where the other one was done',
    [run(0, 60, (age) => Math.min(20 * age, 110))],
    [run(70, 9, (age) => 24 * age, true)],
    'higher',
  ],
  ['nothing at the same age', [run(0, 0, flat)], [run(20, 30, leak, true)], 'unknown'],
])('two revisions at the same ages: %s', (_, before, killed, expected) => {
  const [first] = killed;
  const lifeMs = (first?.killedAt ?? 0) - (first?.startedAt ?? 0);

  expect(atSameAges(before, killed, { limitBytes, lifeMs })).toBe(expected);
});
