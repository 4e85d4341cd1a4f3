import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { admitKill } from '../../../src/flow/admit.ts';
import type { WorkerNeeds } from '../../../src/flow/worker-needs.ts';
import { advance } from '../../../src/flow/advance.ts';
import { sweep } from '../../../src/flow/sweep.ts';
import { Mi } from '../../fixtures/incidents.ts';
import { amira, hour, sam, useWorlds, type WorkerWorld } from './worker-world.ts';

/*
 * The worker dies at each of its calls to the outside, once before the call has an effect and once after it, and does
 * not do anything any more; another one goes on. The end must be that of a worker that never died, and the cluster must
 * have been written to as often.
 */
const worlds = useWorlds();

const died = new Error('the worker died');

/** Needs whose nth call to the outside dies, and all after it. */
function dyingAt(needs: WorkerNeeds, nth: number, when: 'before' | 'after') {
  let calls = 0;
  const dying =
    <Args extends readonly unknown[], T>(call: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      calls += 1;
      if (calls > nth || (calls === nth && when === 'before')) throw died;
      const result = await call(...args);
      if (calls === nth) throw died;
      return result;
    };
  const { store, hints, reader, writer } = needs;
  const mortal: WorkerNeeds = {
    ...needs,
    store: {
      ...store,
      admit: dying(store.admit),
      load: dying(store.load),
      update: dying(store.update),
      postpone: dying(store.postpone),
      due: dying(store.due),
      take: dying(async (id, how) => {
        const taken = await store.take(id, how);
        if (taken.is !== 'taken') return taken;
        const { lease } = taken;
        return { ...taken, lease: { ...lease, release: dying(lease.release) } };
      }),
    },
    hints: { show: dying(hints.show), advance: dying(hints.advance) },
    reader: {
      findings: dying(reader.findings),
      impact: dying(reader.impact),
      planInputs: dying(reader.planInputs),
      observe: dying(reader.observe),
      usage: dying(reader.usage),
    },
    writer: { carryOut: dying(writer.carryOut) },
  };
  return { needs: mortal, calls: () => calls };
}

/** The whole story of one incident, told through hints that may be lost and sweeps; `needs` may die on the way. */
async function tell(world: WorkerWorld, needs: WorkerNeeds) {
  world.cluster.resize = 'useless';
  const kill = await world.kill({ fingerprint: 'the kill' });
  // BullMQ gives the job of a dead worker to another one.
  await attempt(() => admitKill(kill, needs));
  await admitKill(kill, world.needs);
  const [opened] = await world.store.open(1);
  const id = opened?.incident.id ?? '';
  await finish(world, needs, id);
  const { plan } = await world.remediation(id);
  await world.ask(id, 'apply', sam, plan.id);
  await finish(world, needs, id);
  await world.ask(id, 'approve', amira, plan.id);
  await finish(world, needs, id);
  world.pass(20_000);
  await finish(world, needs, id);
  world.pass(2 * hour);
  await finish(world, needs, id);
  const { incident, tally } = await world.load(id);
  return {
    verdict: incident.explained?.diagnosis.hypotheses[0]?.cause,
    remediations: incident.remediations.map(({ state, means, requested, approved }) => [
      state,
      means,
      requested?.by,
      approved?.by,
    ]),
    kills: tally.count,
    limit: world.cluster.template / Mi,
    writes: world.cluster.writes,
    // Not as far as the durations, which a busy machine makes longer.
    thread: (await world.thread(id)).map((text) => text.slice(0, 24)),
    answers: await world.answers(id, sam),
  };
}

/** A worker that may die looks at what is due, then one that does not. */
async function finish(world: WorkerWorld, needs: WorkerNeeds, id: string): Promise<void> {
  await attempt(() => sweep(needs));
  // The dead one's lease has to be over first.
  while ((await advance(id, world.needs, true)) === 'held') await pause(10);
}

async function attempt(work: () => Promise<unknown>): Promise<void> {
  await work().catch((error: unknown) => {
    if (error !== died) throw error;
  });
}

const pace = { leaseMs: 60 };
const atOnce = 25;

test('a worker may die at any call, and nothing is lost or done twice', async () => {
  const undisturbed = await worlds.open({ pace });
  const counting = dyingAt(undisturbed.needs, Infinity, 'before');
  const expected = await tell(undisturbed, counting.needs);
  const places = Array.from({ length: counting.calls() }, (_, n) => n + 1);
  const deaths = places.flatMap((nth) => [{ nth, when: 'before' } as const, { nth, when: 'after' } as const]);

  const die = async ({ nth, when }: (typeof deaths)[number]) => {
    const world = await worlds.open({ pace });
    return { nth, when, end: await tell(world, dyingAt(world.needs, nth, when).needs) };
  };
  const ends: Awaited<ReturnType<typeof die>>[] = [];
  // With all at once a busy machine has no answer of Redis read in time.
  for (let at = 0; at < deaths.length; at += atOnce) {
    ends.push(...(await Promise.all(deaths.slice(at, at + atOnce).map(die))));
  }

  expect(expected.writes).toHaveLength(2);
  expect(expected.remediations).toEqual([['held', 'patch-workload', sam, amira]]);
  expect(places.length).toBeGreaterThan(35);
  expect(ends).toHaveLength(2 * places.length);
  for (const { nth, when, end } of ends) expect(end, `died ${when} call ${nth}`).toEqual(expected);
});
