import { expect, test } from 'vitest';
import { click, personNamed } from '../acceptance/people.ts';
import { beginStory } from '../acceptance/story.ts';
import { allWords } from '../acceptance/threads.ts';
import { resizedIn } from '../acceptance/writes.ts';
import { startSystem } from '../system.ts';
import { eventually } from '../eventually.ts';
import { skipUnlessLongIsWanted } from '../long.ts';

skipUnlessLongIsWanted();

test('in mode act a plan is carried out once although worker, bot and watcher are replaced, as a rolling update does it', async ({
  onTestFinished,
}) => {
  const system = await startSystem({ world: { speed: 60 }, settings: { OOMKEEPER_MODE: 'act' } });
  onTestFinished(system.stop);
  const { world } = system;
  const amira = personNamed(world, 'amira');
  const replaced = { checkout: 'worker', catalog: 'bot', basket: 'watcher' } as const;

  for (const [name, process] of Object.entries(replaced)) {
    const { withButton, thread } = await beginStory(world, 'limit-too-low', name);
    await withButton('apply');
    await Promise.all([
      system.replace(process),
      withButton('apply').then((shown) => click(world, shown, { user: amira, actionId: 'apply', stale: true })),
    ]);
    await eventually(() => expect(allWords(thread().root)).toMatch(/Held/));
  }

  expect(resizedIn(world).toSorted()).toEqual(Object.keys(replaced).toSorted());
});
