import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSystem } from '../system.ts';
import type { System } from '../system.ts';
import { click, clickablesOf, personNamed } from './people.ts';
import type { Clickable } from './people.ts';
import { beginStory } from './story.ts';
import { allWords, toldTo } from './threads.ts';
import { writesOf } from './writes.ts';
import { eventually } from '../eventually.ts';

let system: System;
beforeAll(async () => {
  // Without OOMKEEPER_MODE, as somebody would start it who has read nothing.
  system = await startSystem({ world: { speed: 60 } });
});
afterAll(async () => system?.stop());

test('without a mode nothing is written to the cluster whatever anybody clicks, and everybody gets an answer', async () => {
  const { world } = system;
  const { thread, withButton } = await beginStory(world, 'limit-too-low');
  const everything = clickablesOf((await withButton('apply')).root);

  const silences = everything.filter(({ label }) => /^(Snooze|Ignore)/.test(label));
  const answered = async (user: string, { actionId, value, label }: Clickable): Promise<void> => {
    const [before, root] = [toldTo(world, user).length, allWords(thread().root)];
    // A rendering may be replaced between the look and the click; a slow client would click all the same.
    await click(world, thread(), { user, actionId, ...(value === undefined ? {} : { value }), stale: true });
    if (actionId === 'edit') await submit(user, { limit: '320Mi' });
    if (/^(Snooze|Ignore)/.test(label)) await submit(user, { reason: 'load test' });
    await eventually(() => {
      const wasTold = toldTo(world, user).length > before;
      const isShown = allWords(thread().root) !== root && allWords(thread().root).includes(`<@${user}>`);
      expect(wasTold || isShown, `${label} was not answered`).toBe(true);
    });
  };

  for (const { id: user } of world.slack.workspace.people) {
    for (const one of everything) if (!silences.includes(one)) await answered(user, one);
  }
  for (const one of silences) await answered(personNamed(world, 'lena'), one);

  expect(everything.map(({ label }) => label).filter((label) => !/observe-only/.test(label))).toEqual([
    'Why?',
    'Logs',
    'Snooze for 1 h',
    'Snooze for 8 h',
    'Ignore this workload for 7 d',
    'Edit value…',
    'Acknowledge',
  ]);
  expect(everything.map(({ label }) => label)).toContainEqual(expect.stringMatching(/observe-only/));
  expect(allWords(thread().root)).toMatch(/observe-only: no button changes anything/);
  expect(allWords(thread().root)).not.toMatch(/approved by|Applying|Applied/);
  expect(world.api.requestLog().length).toBeGreaterThan(0);
  expect(writesOf(world)).toEqual([]);
});

/** Fills the dialog that a click has opened. A busy bot may say that it was late, and asks to submit it again. */
async function submit(user: string, values: Readonly<Record<string, string>>): Promise<void> {
  const { control } = system.world.slack;
  await eventually(async () => {
    const answer = await control.viewSubmit({ user, values });
    if (!answer.ok) throw new Error(answer.error);
    expect(answer.became).toMatchObject({ action: 'closed' });
  });
}
