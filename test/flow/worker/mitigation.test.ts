import { expect, test } from 'vitest';
import { amira, hour, minute, useWorlds, type WorkerWorld } from './worker-world.ts';

/* What only buys time: a leak whose limit was raised. It is never called held; its end is told before it comes. */
const worlds = useWorlds();

interface Bought extends WorkerWorld {
  readonly id: string;
}

/** A leak was killed three times, an hour after each start, and its limit was raised. */
async function bought(): Promise<Bought> {
  const world = await worlds.open();
  world.cluster.course = 'leak';
  world.cluster.since = null;
  const id = await world.killed();
  for (let more = 0; more < 2; more += 1) {
    world.pass(hour);
    await world.killed();
  }
  await world.look(id);
  const [first] = world.cluster.pods;
  if (first) first.startedAt = await world.now();
  await world.ask(id, 'apply', amira);
  await world.look(id);
  return { ...world, id };
}

async function lines({ entries, id }: Bought): Promise<readonly string[]> {
  return (await entries(id)).filter(({ kind }) => kind === 'verification').map(({ text }) => text);
}

async function promised(world: Bought): Promise<number> {
  return ((await world.remediation(world.id)).promise?.at ?? 0) - (await world.now());
}

test('it is said for how long it buys time, and before that is over the thread is reminded, once', async () => {
  const world = await bought();
  const { effect, plan } = await world.remediation(world.id);
  world.pass(15 * minute);
  await world.look(world.id);
  const first = await world.remediation(world.id);
  world.pass((await promised(world)) - 20 * minute);
  await world.look(world.id);
  await world.look(world.id);

  expect([effect, plan.purpose]).toEqual(['mitigation', 'mitigation']);
  expect(first).toMatchObject({ state: 'bought-time', promise: { by: 'runs', remindedAt: null } });
  expect(await lines(world)).toEqual([
    expect.stringMatching(/next kill expected about .*The leak is not fixed\./),
    expect.stringMatching(/the next kill is expected in about .*The leak is not fixed\./),
  ]);
});

test('killed as it was expected, the promise was kept; killed long before that, it was not', async () => {
  const [asExpected, early] = [await bought(), await bought()];
  for (const world of [asExpected, early]) {
    world.pass(15 * minute);
    await world.look(world.id);
  }
  asExpected.pass(await promised(asExpected));
  await asExpected.killed({ livedMs: 50 * minute });
  await asExpected.look(asExpected.id);
  early.pass(5 * minute);
  await early.killed({ livedMs: minute });
  await early.look(early.id);

  const kept = async ({ incident, id }: Bought) => {
    const found = (await incident(id)).remediations.find(({ applied }) => applied !== null);
    return [found?.state, found?.promise?.kept];
  };
  expect(await kept(asExpected)).toEqual(['bought-time', 'as-expected']);
  expect(await kept(early)).toEqual(['failed', 'earlier']);
  expect((await lines(early)).at(-1)).toMatch(/^It bought less time than expected/);
});

test('a kill that does not come is told too, and still nothing is called held', async () => {
  const world = await bought();
  world.pass(15 * minute);
  await world.look(world.id);
  for (let looks = 0; looks < 6; looks += 1) {
    world.pass(hour);
    await world.look(world.id);
  }

  const { state, promise, checks } = await world.remediation(world.id);
  expect(state).toBe('bought-time');
  expect(promise?.kept).toBe('did-not-come');
  expect(checks.map(({ outcome }) => outcome)).not.toContain('held');
  expect((await lines(world)).at(-1)).toContain('did not come');
});
