import { expect, test } from 'vitest';
import { createKillPriority } from '../../../src/flow/kill-priority.ts';

/** How long somebody waits for their turn, with kills at these times; all ms. */
async function waits(kills: readonly number[], from = 0): Promise<number> {
  let time = from;
  const waiting = kills.filter((at) => at > from);
  const killPriority = createKillPriority({
    quietMs: 150,
    mostMs: 2_000,
    now: () => time,
    wait: async (ms) => {
      const until = time + ms;
      while (waiting[0] !== undefined && waiting[0] <= until) {
        time = waiting.shift() ?? time;
        killPriority.killed();
      }
      time = until;
    },
  });
  if (kills.some((at) => at <= from)) killPriority.killed();
  await killPriority.turn();
  return time - from;
}

test.each<[string, readonly number[], number]>([
  ['nobody while there is no kill', [], 0],
  ['until no kill has come for a moment', [0], 150],
  ['until none has come for a moment after the last', [0, 100, 240], 390],
  ['for no kill that comes after that', [0, 151], 150],
  ['not for ever where kills never end', Array.from({ length: 100 }, (_, nth) => nth * 100), 2_000],
])('an explanation waits for kills: %s', async (_, kills, expected) => {
  expect(await waits(kills)).toBe(expected);
});
