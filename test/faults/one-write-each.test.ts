import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { click, personNamed } from '../acceptance/people.ts';
import { beginStory } from '../acceptance/story.ts';
import { allWords } from '../acceptance/threads.ts';
import { resizedIn, writesOf } from '../acceptance/writes.ts';
import { startSystem } from '../system.ts';
import { eventually } from '../eventually.ts';
import { skipUnlessLongIsWanted } from '../long.ts';

skipUnlessLongIsWanted();

test('in mode act a plan is carried out once although the worker dies as soon as the cluster has its write, again and again', async ({
  onTestFinished,
}) => {
  const system = await startSystem({ world: { speed: 60 }, settings: { OOMKEEPER_MODE: 'act' } });
  onTestFinished(system.stop);
  const { world } = system;
  const amira = personNamed(world, 'amira');
  const names = ['checkout', 'catalog', 'basket'];
  const stories = await Promise.all(names.map((name) => beginStory(world, 'limit-too-low', name)));

  // One at a time: what is in the middle of its work at three ends in a row is set aside, whoever ended the process.
  for (const { withButton, thread } of stories) {
    const struck = afterTheNextWrite(world, () => system.crash('worker'));
    await click(world, await withButton('apply'), { user: amira, actionId: 'apply', stale: true });
    await struck;
    await eventually(() => expect(allWords(thread().root)).toMatch(/Applied|Held/));
  }
  await eventually(() => {
    for (const { thread } of stories) expect(allWords(thread().root)).toMatch(/Held/);
  });

  expect(resizedIn(world).toSorted()).toEqual(names.toSorted());
});

/** NOTE: looks at every turn of the event loop, so that hardly more than the answer's first bytes are on their way. */
async function afterTheNextWrite(world: World, act: () => Promise<void>): Promise<void> {
  const before = writesOf(world).length;
  while (writesOf(world).length <= before) await turn();
  await act();
}
