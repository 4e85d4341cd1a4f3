import { expect, test } from 'vitest';
import { everythingFor } from '../../src/core/approve/policy.ts';
import type { Policy } from '../../src/core/approve/policy.ts';
import { Failure } from '../../src/core/failure.ts';
import type { Remediation } from '../../src/core/incident/incident.ts';
import { advance } from '../../src/flow/advance.ts';
import type { Forge, PullRequest } from '../../src/flow/forge/needs.ts';
import { setPause } from '../../src/flow/pause.ts';
import type { WorkerNeeds } from '../../src/flow/worker-needs.ts';
import {
  amira,
  hour,
  minute,
  sam,
  useWorlds,
  type WorkerWorld,
  type WorldChanges,
} from '../flow/worker/worker-world.ts';

const worlds = useWorlds();
const away = new Failure('cluster-unreachable', 'No route.', { retry: 'backoff' });
const pull: PullRequest = { number: 12, url: 'https://forge.test/pull/12', state: 'open', by: null, at: null };

/** A forge that takes three calls to open a pull request, and names them. */
function aForge(calls: string[]): Forge {
  return {
    preview: async () => ({
      diff: '',
      hash: '',
      branch: 'main',
      before: { limit: '512Mi', request: '256Mi', variables: [] },
    }),
    propose: async ({ mayWrite }) => {
      for (const call of ['branch', 'file', 'pull request'].slice(calls.length)) {
        await mayWrite();
        calls.push(call);
      }
      return pull;
    },
    look: async () => pull,
    lastChange: async () => null,
  };
}

interface Approved extends WorkerWorld {
  readonly id: string;
  readonly calls: readonly string[];
  /** Each call that changed something, in the cluster or the forge. */
  readonly changes: () => number;
  readonly plan: string;
  readonly state: () => Promise<Remediation | undefined>;
}

/** Amira has clicked; no worker has looked since. */
async function approved(where: 'cluster' | 'forge' = 'cluster', changes: WorldChanges = {}): Promise<Approved> {
  const calls: string[] = [];
  const world = await worlds.open({ forge: aForge(calls), ...changes });
  world.cluster.source = 'acme/deploy//apps/shop.yaml@main';
  world.cluster.pods = ['pod-1', 'pod-2'].map((uid) => ({ ...aPodOf(world), uid }));
  const id = await world.killed();
  await world.look(id);
  const { remediations } = await world.incident(id);
  const plan = remediations.find((one) => (one.plan.source !== null) === (where === 'forge'))?.plan.id ?? '';
  await world.ask(id, 'apply', amira, plan);
  const state = async () => (await world.incident(id)).remediations.find((one) => one.plan.id === plan);
  return { ...world, id, calls, plan, state, changes: () => world.cluster.writes.length + calls.length };
}

function aPodOf({ cluster }: WorkerWorld) {
  const [pod] = cluster.pods;
  if (!pod) throw new Error('there is no pod');
  return pod;
}

/** A moment on the way of an approved change, by what can be seen at it. */
interface Place {
  readonly where: 'cluster' | 'forge';
  readonly prepare?: (world: Approved) => Promise<void> | void;
  readonly isReached: (world: Approved, now: Remediation | undefined) => boolean;
}

const firstTryFails = async ({ cluster, id, look, pass }: Approved): Promise<void> => {
  cluster.broken.carryOut = away;
  await look(id);
  delete cluster.broken.carryOut;
  pass(minute);
};

const places: Readonly<Record<string, Place>> = {
  'before it is begun': { where: 'cluster', isReached: (_, now) => now?.state === 'approved' },
  'before the first write': { where: 'cluster', isReached: (_, now) => now?.state === 'applying' },
  'before a write that is tried again': { where: 'cluster', prepare: firstTryFails, isReached: () => true },
  'between two pods of one resize': { where: 'cluster', isReached: ({ cluster }) => cluster.writes.length === 1 },
  'before the alternative of what did not work': {
    where: 'cluster',
    prepare: ({ cluster }) => void (cluster.resize = 'refused'),
    isReached: (_, now) => now?.means === 'patch-workload',
  },
  'before a pull request': { where: 'forge', isReached: (_, now) => now?.state === 'applying' },
  'between two calls for one pull request': { where: 'forge', isReached: ({ calls }) => calls.length === 2 },
};

const nobody: Policy = { mode: 'act', rules: [], freezes: [], approvalTtlMs: hour, changeTtlMs: 15 * minute };
const both = Object.keys(places).flatMap((place) =>
  (['paused', 'not allowed'] as const).map((why) => [place, why] as const),
);

test.each(both)('%s policy is asked again, and what is %s is not written', async (name, why) => {
  const place = places[name];
  if (!place) throw new Error(name);
  const world = await approved(place.where);
  await place.prepare?.(world);
  let now = await world.state();
  let atPlace: number | null = null;
  const isOver = (): boolean => {
    if (atPlace === null && place.isReached(world, now)) atPlace = world.changes();
    return atPlace !== null;
  };
  const { store } = world;
  const needs: WorkerNeeds = {
    ...world.needs,
    get policy() {
      return why === 'not allowed' && isOver() ? nobody : world.needs.policy;
    },
    store: {
      ...store,
      pause: async () => (why === 'paused' && isOver() ? { by: sam, at: 0, reason: '' } : null),
      update: async (...change) => {
        const after = await store.update(...change);
        now = after?.incident.remediations.find((one) => one.plan.id === world.plan);
        return after;
      },
    },
  };

  await advance(world.id, needs);
  const during = [world.changes(), (await world.state())?.state];
  // A pause that ends after the approval has expired revives nothing; and no means that was approved with it is tried.
  for (let minutes = 0; minutes < 30; minutes += 6) {
    world.pass(6 * minute);
    await advance(world.id, minutes > 18 && why === 'paused' ? { ...needs, store } : needs);
  }

  const unfinished = name.startsWith('before it is begun') ? 'approved' : 'applying';
  const partly = name.startsWith('between two pods');
  expect(atPlace).not.toBeNull();
  expect(during).toEqual([atPlace, why === 'paused' || partly ? unfinished : 'expired']);
  expect(world.changes()).toBe(atPlace);
  expect((await world.state())?.state).toBe('expired');
  expect((await world.thread(world.id)).join('\n')).toContain('no longer counts');
});

test('while changes are paused an approval goes on expiring, resuming does not revive it, and it is offered anew', async () => {
  const world = await approved();
  const say = async (want: 'paused' | 'running'): Promise<unknown> =>
    setPause({ ask: 'pause', want, by: amira, groups: [], reason: null }, { ...world.needs, cluster: world.name });
  await world.lookWith(world.id, {}, 1);
  await say('paused');
  await world.look(world.id);
  const due = (await world.dueAt(world.id)) ?? Infinity;
  const before = await world.state();
  world.pass(16 * minute);
  await say('running');
  await world.look(world.id);
  world.pass(minute);
  await world.look(world.id);
  await world.ask(world.id, 'apply', amira, world.plan);
  await world.look(world.id);

  const { remediations } = await world.incident(world.id);
  const offered = remediations.filter(({ state }) => state === 'proposed').map(({ plan }) => plan);
  expect(due).toBeLessThanOrEqual((await world.now()) - 16 * minute);
  expect(before?.state).toBe('approved');
  expect(await world.state()).toMatchObject({ state: 'expired', note: expect.stringContaining('within 15 min') });
  expect(world.changes()).toBe(0);
  expect(offered.map(({ to }) => to)).toContainEqual(before?.plan.to);
  expect(offered.map(({ id }) => id)).not.toContain(world.plan);
  expect((await world.answers(world.id, amira)).at(-1)).toContain('expired');
});

test('what was clicked while no worker was there has expired when one comes, and is not written', async () => {
  const world = await approved();
  world.pass(16 * minute);
  await world.look(world.id);

  expect((await world.state())?.state).toBe('expired');
  expect(world.changes()).toBe(0);
});

test('a write that fails for longer than its approval counts is not tried again', async () => {
  const world = await approved('cluster', { pace: { confirmTimeoutMs: hour } });
  world.cluster.broken.carryOut = away;
  await world.look(world.id);
  world.pass(14 * minute);
  await world.look(world.id);
  const tries = world.cluster.asked;
  delete world.cluster.broken.carryOut;
  world.pass(2 * minute);
  await world.look(world.id);

  expect(tries).toBe(2);
  expect(world.cluster.asked).toBe(tries);
  expect(world.changes()).toBe(0);
  expect((await world.state())?.state).toBe('expired');
});

test('a write that happened without our hearing of it is found after the approval has expired, and not repeated', async () => {
  const world = await approved('cluster', { pace: { confirmTimeoutMs: hour } });
  const { carryOut } = world.needs.writer;
  const lost = async (...change: Parameters<typeof carryOut>): Promise<void> => {
    await carryOut(...change);
    throw new Failure('cluster-slow', 'No answer.', { retry: 'backoff' });
  };
  await world.lookWith(world.id, { writer: { carryOut: lost } });
  const before = await world.state();
  world.pass(20 * minute);
  await world.look(world.id);

  expect(before).toMatchObject({ state: 'applying', writtenAt: null });
  expect((await world.state())?.state).toBe('verifying');
  expect(world.cluster.writes).toHaveLength(2);
  expect(world.cluster.asked).toBe(1);
});

test('where the cluster cannot be read either, it is looked at for a while, and then said that nobody knows', async () => {
  const world = await approved();
  world.cluster.broken.carryOut = away;
  await world.look(world.id);
  world.cluster.broken.observe = away;
  const states: (string | undefined)[] = [];
  for (const passed of [3, 13, 10]) {
    world.pass(passed * minute);
    await world.look(world.id);
    states.push((await world.state())?.state);
  }

  expect(states).toEqual(['applying', 'applying', 'failed']);
  expect((await world.state())?.note).toContain('is not known');
  expect(world.changes()).toBe(0);
});

test('a freeze refuses an approval by its reason and its end', async () => {
  const from = Date.now();
  const freezes = [{ clusters: ['*'], namespaces: ['sh*'], from, until: from + 2 * hour, reason: 'Black Friday' }];
  const frozen = await approved('cluster', { freezes });
  await frozen.look(frozen.id);

  expect((await frozen.answers(frozen.id, amira)).at(-1)).toMatch(/until \d.* UTC \(Black Friday\)/);
  expect((await frozen.state())?.state).toBe('proposed');
  expect(frozen.changes()).toBe(0);
});

test('a right that is given back before the worker looks is no obstacle', async () => {
  const world = await approved();
  await world.lookWith(world.id, {}, 1);
  await world.lookWith(world.id, { policy: { ...nobody, rules: everythingFor([amira]) } });

  expect(world.cluster.writes).toHaveLength(2);
});
