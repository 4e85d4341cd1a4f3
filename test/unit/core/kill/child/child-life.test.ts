import { expect, test } from 'vitest';
import { countChildren, nameMark, nameProcess, newChildLife } from '../../../../../src/core/kill/child/child-life.ts';
import type { ChildLife, ChildStep } from '../../../../../src/core/kill/child/child-life.ts';

type Step = (life: ChildLife) => ChildStep;

const settleMs = 10;
const count =
  (value: number, atMs: number, ownKills = 0): Step =>
  (life) =>
    countChildren(life, { value, atMs, ownKills, settleMs });
const process =
  (pid: number, atMs: number): Step =>
  (life) =>
    nameProcess(life, pid, atMs);

/** The numbers that are told, step by step. */
function tell(base: number, steps: readonly Step[]): readonly (readonly number[])[] {
  let life = newChildLife(base);
  return steps.map((step) => {
    const { life: next, told } = step(life);
    life = next;
    return told;
  });
}

test.each<[string, number, readonly Step[], readonly (readonly number[])[]]>([
  ['a counter tells once the rise has lasted', 0, [count(1, 0), count(1, 10), count(1, 20)], [[], [1], []]],
  ['two kills within a scrape are two', 0, [count(2, 0), count(2, 10)], [[], [1, 2]]],
  ['what rises in between waits for itself', 0, [count(1, 0), count(2, 10), count(2, 20)], [[], [1], [2]]],
  ['the container’s own kill is in the counter too', 0, [count(1, 0), count(1, 10, 1)], [[], []]],
  ['children before the container’s own kill are told', 0, [count(3, 0), count(3, 10, 1)], [[], [1, 2]]],
  [
    'a counter that begins again goes on',
    0,
    [count(2, 0), count(2, 10), count(1, 20), count(1, 30)],
    [[], [1, 2], [], [3]],
  ],
  [
    'what was there before does not count',
    7,
    [count(7, 0), count(7, 10), count(8, 20), count(8, 30)],
    [[], [], [], [1]],
  ],
  ['a message tells at once, and again the same', 0, [process(11, 0), process(11, 5), process(12, 6)], [[1], [1], [2]]],
  ['a counter adds nothing to messages', 0, [process(11, 0), count(1, 5), count(1, 15)], [[1], [], []]],
  ['a counter adds what no message told', 0, [process(11, 0), count(3, 5), count(3, 15)], [[1], [], [2, 3]]],
  [
    'a message that comes late is counted already',
    0,
    [count(1, 0), count(1, 10), process(11, 8), process(11, 8)],
    [[], [1], [], []],
  ],
  ['a message after the count is news', 0, [count(1, 0), count(1, 10), process(11, 12)], [[], [1], [2]]],
  ['a mark is news where nothing told of a kill', 0, [nameMark, nameMark], [[1], []]],
  ['a mark of what was told is none', 0, [process(11, 0), nameMark], [[1], []]],
  ['the message about a mark is none', 0, [nameMark, process(11, 0), process(12, 1)], [[1], [], [2]]],
  ['a counter adds nothing to a mark', 0, [nameMark, count(1, 5), count(1, 15)], [[1], [], []]],
])('%s', (_, base, steps, told) => {
  expect(tell(base, steps)).toEqual(told);
});

test('a counter that jumps tells of a bounded number', () => {
  const [, told = []] = tell(0, [count(100_000, 0), count(100_000, 10)]);

  expect([told.length, told.at(-1)]).toEqual([100, 100_000]);
});
