import { expect, test } from 'vitest';
import { hour, sam, useWorlds } from '../worker/worker-world.ts';

const worlds = useWorlds();

test('a value in an observe-only cluster is refused, and whoever chose it is told so', async () => {
  const world = await worlds.open({ mode: 'observe' });
  const id = await world.killed();
  await world.look(id);
  const { plan } = await world.remediation(id);

  await world.ask(id, 'edit', sam, plan.id, { value: '700Mi' });
  await world.look(id);

  expect(await world.answers(id, sam)).toEqual([expect.stringMatching(/observe/)]);
  expect((await world.remediation(id)).plan.id).toBe(plan.id);
  expect(world.cluster.writes).toEqual([]);
});

test('of two people who end the same silence one does, and the other is told', async () => {
  const world = await worlds.open();
  const id = await world.killed();
  const end = { plan: null, silence: { scope: 'incident' as const, forMs: 0 } };
  await world.ask(id, 'silence', sam, undefined, { plan: null, silence: { scope: 'incident', forMs: hour } });
  await world.look(id);

  await world.ask(id, 'silence', sam, undefined, end);
  await world.ask(id, 'silence', 'ULENA', undefined, end);
  await world.look(id);

  expect((await world.incident(id)).silence).toBeNull();
  expect((await world.thread(id)).filter((text) => text.includes('ended the silence'))).toHaveLength(1);
  expect(await world.answers(id, 'ULENA')).toEqual([expect.stringContaining('no silence to end any more')]);
});
