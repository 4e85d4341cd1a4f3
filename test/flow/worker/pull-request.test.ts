import { expect, test } from 'vitest';
import { Failure } from '../../../src/core/failure.ts';
import type { WorkerNeeds } from '../../../src/flow/worker-needs.ts';
import type { Forge, Proposal, PullRequest } from '../../../src/flow/forge/needs.ts';
import { Mi } from '../../fixtures/incidents.ts';
import { amira, hour, minute, sam, useWorlds, type WorkerWorld, type WorldChanges } from './worker-world.ts';

const worlds = useWorlds();

/** A forge with at most one pull request, as people leave it. */
interface PretendForge extends Forge {
  readonly proposed: Proposal[];
  /** How often a file was read for a preview. */
  previewed: number;
  /** The limit as the file has it. */
  limitInFile: string;
  pull: PullRequest;
  broken: Failure | null;
}

const open: PullRequest = { number: 12, url: 'https://forge.test/pull/12', state: 'open', by: null, at: null };

function aForge(): PretendForge {
  const forge: PretendForge = {
    proposed: [],
    previewed: 0,
    limitInFile: '512Mi',
    pull: open,
    broken: null,
    preview: async () => {
      forge.previewed += 1;
      if (forge.broken) throw forge.broken;
      const { limitInFile: from } = forge;
      const diff = `-  memory: ${from}\n+  memory: 640Mi`;
      return { diff, hash: diff, branch: 'main', before: { limit: from, request: '256Mi', variables: [] } };
    },
    propose: async (proposal) => {
      if (forge.broken) throw forge.broken;
      await proposal.mayWrite();
      forge.proposed.push(proposal);
      return forge.pull;
    },
    look: async () => forge.pull,
    lastChange: async () => null,
  };
  return forge;
}

interface Offer extends Pick<WorldChanges, 'mode' | 'threadUrl'> {
  readonly forge?: PretendForge;
}

async function offered(changes: Offer = {}) {
  const forge = changes.forge ?? aForge();
  const world = await worlds.open({ mode: 'act', ...changes, forge });
  world.cluster.source = 'acme/deploy//apps/shop.yaml@main';
  const id = await world.killed();
  await world.look(id);
  return { ...world, forge, id };
}

async function planOf(world: WorkerWorld, id: string): Promise<string> {
  const { remediations } = await world.incident(id);
  return remediations.find(({ plan }) => plan.source !== null)?.plan.id ?? 'none';
}

async function stateOf(world: WorkerWorld, id: string, plan: string) {
  return (await world.incident(id)).remediations.find((one) => one.plan.id === plan);
}

test('from the click to merged, synced and held, without a write to the cluster', async () => {
  const { forge, id, ...world } = await offered();
  const plan = await planOf(world, id);
  await world.ask(id, 'apply', amira, plan);
  await world.look(id);
  const waiting = await stateOf(world, id, plan);
  forge.pull = { ...open, state: 'merged', by: 'amira-gh', at: await world.now() };
  await world.look(id);
  const merged = await stateOf(world, id, plan);
  world.cluster.template = 640 * Mi;
  world.cluster.pods = world.cluster.pods.map((pod) => ({
    ...pod,
    uid: `${pod.uid}-new`,
    spec: 640 * Mi,
    status: 640 * Mi,
    level: 640 * Mi,
  }));
  world.pass(minute);
  await world.look(id);
  world.pass(2 * hour);
  await world.look(id);

  expect(waiting).toMatchObject({ state: 'applying', pullRequest: { number: 12, merged: null } });
  expect(merged?.pullRequest?.merged?.by).toBe('amira-gh');
  expect(await stateOf(world, id, plan)).toMatchObject({ state: 'held' });
  expect(world.cluster.writes).toEqual([]);
  expect(forge.proposed).toHaveLength(1);
  expect((await world.thread(id)).filter((line) => /#12|pull\/12/.test(line))).toHaveLength(2);
});

test('the pull request leads to the thread, and does without the link where it is not to be had', async () => {
  const thread = await offered({ threadUrl: async (id) => `https://acme.slack.com/archives/C1/p1?thread=${id}` });
  const none = await offered({ threadUrl: () => Promise.reject(new Failure('redis-away', 'Redis is away.')) });
  for (const world of [thread, none]) {
    await world.ask(world.id, 'apply', amira, await planOf(world, world.id));
    await world.look(world.id);
  }

  expect(thread.forge.proposed[0]?.body).toContain(
    `[its thread](https://acme.slack.com/archives/C1/p1?thread=${thread.id}) says what became of it`,
  );
  expect(none.forge.proposed[0]?.body).toContain('; its thread says what became of it');
});

test('a pull request that is closed unmerged ends it, and says who closed it', async () => {
  const { forge, id, ...world } = await offered();
  const plan = await planOf(world, id);
  await world.ask(id, 'apply', amira, plan);
  await world.look(id);
  forge.pull = { ...open, state: 'closed', by: 'ben-gh', at: await world.now() };
  await world.look(id);

  expect(await stateOf(world, id, plan)).toMatchObject({ state: 'rejected' });
  expect((await world.thread(id)).at(-1)).toContain('closed by ben-gh without being merged');
});

test('while it waits, the cluster can still be changed, and a kill is explained', async () => {
  const { id, ...world } = await offered();
  const plan = await planOf(world, id);
  await world.ask(id, 'apply', amira, plan);
  await world.look(id);
  const bump = (await world.incident(id)).remediations.find(({ state }) => state === 'proposed')?.plan.id ?? '';
  await world.ask(id, 'apply', amira, bump);
  await world.look(id);

  expect(world.cluster.writes).toEqual(['resize pod-1 to 640Mi']);
  expect(await stateOf(world, id, plan)).toMatchObject({ state: 'applying' });
});

test('a second click opens no second one', async () => {
  const { forge, id, ...world } = await offered();
  const plan = await planOf(world, id);
  await world.ask(id, 'apply', amira, plan);
  await world.ask(id, 'apply', amira, plan);
  await world.look(id);
  await world.look(id);

  expect(forge.proposed).toHaveLength(1);
  expect((await world.answers(id, amira)).at(-1)).toContain('done only once');
});

test('whoever may not approve only asks for it', async () => {
  const { forge, id, ...world } = await offered();
  const plan = await planOf(world, id);
  await world.ask(id, 'apply', sam, plan);
  await world.look(id);

  expect(forge.proposed).toEqual([]);
  expect(await stateOf(world, id, plan)).toMatchObject({ state: 'requested', approvers: [amira] });
});

test('the forge being away is waited out, and a refusal ends it with its reason', async () => {
  const { forge, id, ...world } = await offered();
  const plan = await planOf(world, id);
  forge.broken = new Failure('github-unreachable', 'GitHub cannot be reached.', { retry: 'backoff' });
  await world.ask(id, 'apply', amira, plan);
  await world.look(id);
  const away = await stateOf(world, id, plan);
  forge.broken = new Failure('github-archived', 'acme/deploy is archived.');
  await world.look(id);

  expect(away?.state).toBe('applying');
  expect(await stateOf(world, id, plan)).toMatchObject({ state: 'failed', note: 'acme/deploy is archived.' });
});

test('a file that cannot be edited gets no button, and the reason is told', async () => {
  const forge = aForge();
  forge.broken = new Failure('source-alias', 'The value is an alias.');
  const { id, ...world } = await offered({ forge });
  const { explained, remediations } = await world.incident(id);

  expect(explained?.noPullRequest).toBe('The value is an alias.');
  expect(remediations.map(({ plan }) => plan.source)).toEqual([null]);
});

test('an annotation of another form is told', async () => {
  const world = await worlds.open({ forge: aForge() });
  world.cluster.source = 'acme/deploy';
  const id = await world.killed();
  await world.look(id);

  expect((await world.incident(id)).explained?.noPullRequest).toContain('not of the form owner/repo//path@branch');
});

test('a merge that is never synced ends as failed after its own time-out', async () => {
  const { forge, id, ...world } = await offered();
  const plan = await planOf(world, id);
  await world.ask(id, 'apply', amira, plan);
  await world.look(id);
  forge.pull = { ...open, state: 'merged', by: null, at: await world.now() };
  await world.look(id);
  world.pass(30 * minute);
  await world.look(id);
  const soon = await stateOf(world, id, plan);
  world.pass(2 * hour);
  await world.look(id);

  expect(soon?.state).toBe('applying');
  expect(await stateOf(world, id, plan)).toMatchObject({ state: 'failed' });
});

test.each<[string, Partial<WorkerNeeds>, RegExp]>([
  [
    'Oomkeeper has become observe-only',
    { policy: { mode: 'observe', rules: [], freezes: [], approvalTtlMs: hour, changeTtlMs: hour } },
    /observe-only/,
  ],
  ['the forge is configured no more', { forge: null }, /no forge is configured/],
])('one that could not be opened at once is not opened when %s meanwhile', async (_, changed, why) => {
  const { forge, id, ...world } = await offered();
  const plan = await planOf(world, id);
  await world.ask(id, 'apply', amira, plan);
  forge.broken = new Failure('forge-unreachable', 'No route.', { retry: 'backoff' });
  await world.look(id);
  const before = await stateOf(world, id, plan);
  forge.broken = null;

  world.pass(minute);
  await world.lookWith(id, changed);

  expect(before).toMatchObject({ state: 'applying', pullRequest: null });
  expect(forge.proposed).toEqual([]);
  expect(await stateOf(world, id, plan)).toMatchObject({ state: 'failed', note: expect.stringMatching(why) });
});

test('in mode observe nothing is opened', async () => {
  const { forge, id, ...world } = await offered({ mode: 'observe' });
  const plan = await planOf(world, id);
  await world.ask(id, 'apply', amira, plan);
  await world.look(id);

  expect(forge.proposed).toEqual([]);
  expect((await world.answers(id, amira)).at(-1)).toContain('observe-only');
});

test('a pull request that lowers what the file says tells so', async () => {
  const forge = aForge();
  forge.limitInFile = '1Gi';
  const { id, ...world } = await offered({ forge });
  await world.ask(id, 'apply', amira, await planOf(world, id));
  await world.look(id);

  expect(forge.proposed[0]?.body).toContain('Merging this lowers it.');
});

test('a forge that was asked just now is asked again as soon as it may be, not at the next poll', async () => {
  const forge = aForge();
  const { id, ...world } = await offered({ forge });
  await world.ask(id, 'apply', amira, await planOf(world, id));
  await world.look(id);
  const paced = { ...forge, look: async () => ({ state: 'too-soon', againInMs: 7_000 }) as const };
  const before = await world.now();
  await world.lookWith(id, { forge: paced });

  const inMs = ((await world.dueAt(id)) ?? 0) - before;
  expect(inMs).toBeGreaterThanOrEqual(7_000);
  expect(inMs).toBeLessThan(15_000);
});

test('while one is under way a kill does not make anybody read the file again', async () => {
  const { forge, id, ...world } = await offered();
  await world.ask(id, 'apply', amira, await planOf(world, id));
  await world.look(id);
  const before = forge.previewed;
  for (let kills = 0; kills < 3; kills += 1) {
    world.pass(minute);
    world.cluster.template += 64 * Mi;
    await world.killed({ livedMs: 4_000 });
    await world.look(id);
  }

  expect(forge.previewed).toBe(before);
});

test('a change whose rollout takes its time does not keep a request for a pull request from expiring', async () => {
  const { id, ...world } = await offered();
  const plan = await planOf(world, id);
  await world.ask(id, 'apply', sam, plan);
  await world.look(id);
  world.cluster.resize = 'useless';
  const bump = (await world.incident(id)).remediations.find(({ state }) => state === 'proposed')?.plan.id ?? '';
  world.pass(hour - 1_000);
  await world.ask(id, 'apply', amira, bump);
  await world.look(id);
  world.pass(1_500);
  await world.look(id);

  expect(await stateOf(world, id, bump)).toMatchObject({ state: 'applying' });
  expect(await stateOf(world, id, plan)).toMatchObject({ state: 'expired' });
});

test('what was rejected and what has lapsed come back, each as a new try of its own', async () => {
  const { id, ...world } = await offered();
  const request = await planOf(world, id);
  const bump = (await world.incident(id)).remediations.find(({ plan }) => plan.id !== request)?.plan.id ?? '';
  await world.ask(id, 'reject', amira, bump);
  await world.ask(id, 'apply', sam, request);
  await world.look(id);
  world.pass(2 * hour);
  await world.look(id);

  const { remediations } = await world.incident(id);
  expect(remediations.map(({ plan, state }) => [plan.means[0], state])).toEqual([
    ['resize', 'rejected'],
    ['pull-request', 'expired'],
    ['resize', 'proposed'],
    ['pull-request', 'proposed'],
  ]);
});
