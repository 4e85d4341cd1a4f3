import { expect, test } from 'vitest';
import type { EvidenceLine } from '../../../src/core/evidence/evidence.ts';
import { Mi } from '../../fixtures/incidents.ts';
import { amira, hour, useWorlds, type WorkerWorld } from './worker-world.ts';

const worlds = useWorlds();
const day = 24 * hour;

/** What is proposed is applied, and an hour later it is killed at the new limit. */
async function raisedInVain(world: WorkerWorld, id: string): Promise<void> {
  await world.ask(id, 'apply', amira);
  await world.look(id);
  world.pass(hour);
  await world.killed();
  await world.look(id);
  world.pass(hour);
  await world.look(id);
}

async function lineOf(world: WorkerWorld, id: string, named: string): Promise<EvidenceLine | undefined> {
  const { explained } = await world.incident(id);
  return explained?.evidence.find(({ label }) => label === named);
}

function beforeOf(world: WorkerWorld, id: string): Promise<EvidenceLine | undefined> {
  return lineOf(world, id, 'Before');
}

test('a raise that did not hold is told of with the next one, and the third in a week is refused with the history', async () => {
  const world = await worlds.open();
  const id = await world.killed();
  await world.look(id);

  await raisedInVain(world, id);
  const second = (await world.incident(id)).explained?.recommendation;
  const { plan } = await world.remediation(id);
  await raisedInVain(world, id);
  const third = (await world.incident(id)).explained?.recommendation;

  expect(second?.fix).toMatchObject({
    kind: 'raise-limit',
    why: expect.stringMatching(/^The raise from 512Mi to .+ did not hold/),
  });
  expect(plan.from.limitBytes).toBeGreaterThan(512 * Mi);
  expect(third).toMatchObject({
    fix: {
      kind: 'none',
      why: expect.stringMatching(/^It was raised twice in the last 7 days \(512Mi -> .+\) and killed again each time/),
    },
    mitigation: null,
  });
  expect((await world.incident(id)).remediations.filter(({ state }) => state === 'proposed')).toEqual([]);
  expect((await beforeOf(world, id))?.text).toMatch(/^raised from 512Mi .+, killed again 60 min later; raised from /);
});

test('a later incident knows of the earlier one and of the limit at which it was not killed', async () => {
  const world = await worlds.open();
  const first = await world.killed();
  await world.look(first);
  await world.ask(first, 'apply', amira);
  await world.look(first);
  const held = (await world.remediation(first)).plan.to.limitBytes ?? 0;
  world.pass(2 * day);
  await world.look(first);
  world.pass(10 * day);
  await world.look(first);
  const [pod] = world.cluster.pods;
  Object.assign(world.cluster, { template: 256 * Mi });
  Object.assign(pod ?? {}, { spec: 256 * Mi, status: 256 * Mi, level: 256 * Mi });

  const second = await world.killed();
  await world.look(second);

  const { explained, previous } = await world.incident(second);
  expect([previous, second === first]).toEqual([first, false]);
  expect((await beforeOf(world, second))?.text).toMatch(
    /; one earlier incident: 12 d ago \(limit too low, one kill\)$/,
  );
  expect(explained?.recommendation.fix).toMatchObject({
    kind: 'raise-limit',
    limitBytes: held,
    why: `With ${held / Mi}Mi it was not killed for 12 d (${first}).`,
  });
});

test('a store that cannot be read for it leaves a line that says so, and delays nothing', async () => {
  const world = await worlds.open();
  const first = await world.killed();
  await world.look(first);
  world.pass(10 * day);
  await world.look(first);
  const second = await world.killed();
  const { load } = world.store;

  await world.lookWith(second, {
    store: {
      ...world.store,
      load: (id) => (id === first ? Promise.reject(new Error('unreachable')) : load(id)),
    },
  });

  expect(await beforeOf(world, second)).toMatchObject({ missing: true });
  expect((await world.incident(second)).explained?.recommendation.fix.kind).toBe('raise-limit');
});

test('a leak that was given more memory says what that bought when it is killed again, and what buys time is not new', async () => {
  const world = await worlds.open();
  world.cluster.usage = null;
  let id = '';
  for (let nth = 0; nth < 5; nth += 1) {
    world.pass(hour);
    id = await world.killed();
  }
  await world.look(id);
  await world.ask(id, 'apply', amira);
  await world.look(id);
  world.pass(1.5 * hour);
  await world.killed({ livedMs: 1.5 * hour });
  await world.look(id);
  world.pass(hour);
  await world.look(id);

  const { explained } = await world.incident(id);
  const { plan } = await world.remediation(id);
  expect(explained?.diagnosis.hypotheses[0]?.cause).toBe('leak');
  expect(explained?.recommendation.fix.why).toMatch(
    /^The raise from 512Mi to \d+Mi did not hold: it was killed again 90 min later\. It bought 30 min for each run(, as growth of .+ foretold)?\. /,
  );
  expect(plan.purpose).toBe('mitigation');
});

test('what was done for another workload with the same image is told, and a store that is slow to tell it delays nothing', async () => {
  const world = await worlds.open();
  const other = await world.killed({ workload: 'checkout-canary' });
  await world.look(other);
  await world.ask(other, 'apply', amira);
  await world.look(other);
  const { plan } = await world.remediation(other);
  world.pass(3 * day);

  const id = await world.killed({ limit: 512 * Mi });
  await world.lookWith(id, {
    wait: () => Promise.resolve(),
    store: { ...world.store, killedImages: () => Promise.race([]) },
  });
  const slow = await lineOf(world, id, 'Same image');
  world.pass(hour);
  await world.look(id);

  expect(slow).toMatchObject({ missing: true, text: 'the store took longer than 1 s' });
  expect((await lineOf(world, id, 'Same image'))?.text).toBe(
    `shop was killed in Deployment checkout-canary 3 d ago (${other}, limit too low, one kill): raised from 512Mi to ${(plan.to.limitBytes ?? 0) / Mi}Mi, not killed there for 3 d`,
  );
  expect((await world.incident(id)).explained?.recommendation.fix.why).toMatch(
    / The same image was raised to .+ in Deployment checkout-canary and was not killed there for 3 d \(INC-.+\)\.$/,
  );
});
