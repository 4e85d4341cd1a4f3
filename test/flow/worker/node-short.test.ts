import { expect, test } from 'vitest';
import type { NodeFacts } from '../../../src/core/evidence/evidence.ts';
import type { CgroupPlace } from '../../../src/core/kill/cgroup.ts';
import { killedAtMs } from '../../../src/core/kill/kill.ts';
import type { Kill } from '../../../src/core/kill/kill.ts';
import { nodeAtRisk, nodeKill } from '../../../src/core/kill/detect/make-kill.ts';
import { admitKill } from '../../../src/flow/admit.ts';
import { warnOfNode } from '../../../src/flow/ahead/warn-of-node.ts';
import { advance } from '../../../src/flow/advance.ts';
import type { WorkerNeeds } from '../../../src/flow/worker-needs.ts';
import { hour, minute, useWorlds } from './worker-world.ts';
import type { WorkerWorld } from './worker-world.ts';

const worlds = useWorlds();

/** A world whose node looks as a test says. */
function withNode(world: WorkerWorld, facts: { current: NodeFacts }): WorkerNeeds {
  const { reader } = world.needs;
  return {
    ...world.needs,
    reader: {
      ...reader,
      findings: async (kill, recent) => ({
        ...(await reader.findings(kill, recent)),
        node: { found: true, value: facts.current, source: 'a test', at: await world.now() },
      }),
    },
  };
}

function node(pressureSince: number | null, enoughSince: number | null = null): NodeFacts {
  return {
    node: 'n1',
    allocatableBytes: 2 ** 31,
    requestedBytes: 0,
    limitBytes: 0,
    unlimitedPods: 0,
    usedBytes: 2 ** 30,
    pressureSince,
    enoughSince,
    exceeding: [{ pod: 'shop/hog', usedBytes: 2 ** 30, requestBytes: 2 ** 20 }],
    victims: [],
  };
}

async function warned(world: WorkerWorld, needs: WorkerNeeds): Promise<string> {
  const at = await world.now();
  const origin = { cluster: world.name, fingerprint: 'short', seenAtMs: at };
  const short = nodeAtRisk(origin, { node: 'n1', sinceMs: at - minute });
  expect([(await warnOfNode(short, needs)).is, (await warnOfNode(short, needs)).is]).toEqual(['warned', 'known']);
  const [opened] = await world.store.open(10);
  return opened?.incident.id ?? '';
}

/** An incident about a node that is short of memory, explained once; `facts` is how the node looks from now on. */
async function openShort() {
  const world = await worlds.open();
  const facts = { current: node(await world.now()) };
  const needs = withNode(world, facts);
  const id = await warned(world, needs);
  await advance(id, needs);
  return { world, facts, needs, id };
}

test('a node that is short of memory has a thread that names who takes more than it asked for', async () => {
  const world = await worlds.open();
  const needs = withNode(world, { current: node(await world.now()) });

  const id = await warned(world, needs);
  await advance(id, needs);

  const { explained, subject } = await world.incident(id);
  expect(subject).toMatchObject({ namespace: null, workload: { kind: 'Node', name: 'n1' } });
  expect(explained?.diagnosis.hypotheses[0]).toMatchObject({
    cause: 'node-pressure',
    sentence: 'Node n1 is short of memory. Above its request: shop/hog uses 1Gi and asked for 1Mi: 1023Mi more',
  });
  expect((await world.thread(id)).join('\n')).toContain('Above request: shop/hog uses 1Gi');
});

test('it is looked at again until the node has had enough for half an hour, and then it closes', async () => {
  const { world, facts, needs, id } = await openShort();

  facts.current = node(null, await world.now());
  world.pass(29 * minute);
  await advance(id, needs);
  const waits = await world.incident(id);
  world.pass(2 * minute);
  await advance(id, needs);

  expect(waits.state.is).toBe('open');
  expect(waits.explained?.diagnosis.hypotheses[0]?.sentence).toMatch(
    /^Node n1 was short of memory and has enough since /,
  );
  expect((await world.incident(id)).state).toMatchObject({ is: 'closed', outcome: 'calmed' });
  expect((await world.thread(id)).at(-1)).toContain('the node has enough memory again');
});

test('a node that is short again soon after goes on in the same thread', async () => {
  const { world, facts, needs, id } = await openShort();
  facts.current = node(null, await world.now());
  world.pass(8 * minute);
  await advance(id, needs);

  const at = await world.now();
  facts.current = node(at);
  const origin = { cluster: world.name, fingerprint: 'short again', seenAtMs: at };
  const again = await warnOfNode(nodeAtRisk(origin, { node: 'n1', sinceMs: at }), needs);

  expect(again).toEqual({ is: 'known' });
  expect((await world.store.open(10)).map(({ incident }) => incident.id)).toEqual([id]);
});

test('a node that says nothing any more has not recovered', async () => {
  const { world, facts, needs, id } = await openShort();

  facts.current = node(null, null);
  world.pass(hour);
  await advance(id, needs);

  expect((await world.incident(id)).state).toEqual({ is: 'open' });
});

test('what the kernel then takes for the whole node joins it', async () => {
  const world = await worlds.open();
  const needs = withNode(world, { current: node(await world.now()) });
  const id = await warned(world, needs);
  const at = await world.now();
  const origin = { cluster: world.name, fingerprint: 'oom', startedBeforeWatch: false, seenAtMs: at };
  const victim = { process: 'java', pid: 7, rssBytes: null };
  const report = { node: 'n1', atMs: at, victim, scope: 'node', place: null, isAbovePods: true } as const;

  const admission = await admitKill(nodeKill(origin, report, { pod: null, suspect: false }), needs);

  expect(admission).toEqual({ is: 'joined', incident: id });
});

/** The kernel killed for the whole node of a kill, at its moment. */
async function killedForNode(world: WorkerWorld, kill: Kill, place: CgroupPlace | null): Promise<void> {
  const atMs = killedAtMs(kill);
  const origin = { cluster: world.name, fingerprint: `oom ${atMs}`, startedBeforeWatch: false, seenAtMs: atMs };
  const victim = { process: 'java', pid: 7, rssBytes: null };
  const report = { node: kill.node ?? '', atMs, victim, scope: 'node', place, isAbovePods: true } as const;
  await admitKill(nodeKill(origin, report, { pod: null, suspect: false }), world.needs);
}

test('a container that was killed for its node says so, also when that is told after the first look', async () => {
  const world = await worlds.open();
  world.cluster.usage = 0.4;
  const kill = await world.kill();
  const admission = await admitKill(kill, world.needs);
  const id = admission.is === 'opened' ? admission.incident : '';
  await world.look(id);
  const before = (await world.incident(id)).explained?.diagnosis.hypotheses[0]?.cause;

  await killedForNode(world, kill, null);
  world.pass(world.needs.pace.settleMs);
  await world.look(id);

  const { explained } = await world.incident(id);
  expect(before).not.toBe('node-pressure');
  expect(explained?.diagnosis.hypotheses[0]?.cause).toBe('node-pressure');
  expect(explained?.diagnosis.hypotheses[0]?.confidence).toBeGreaterThan(0.8);
  expect((await world.thread(id)).join('\n')).toContain('Kernel: The kernel killed because all memory of');
});

test.each([
  ['names it', true, 'opened'],
  ['names nobody', false, 'suspect'],
])('an unexplained SIGKILL when the kernel killed for the node and %s', async (_, isNamed, expected) => {
  const world = await worlds.open();
  world.cluster.usage = null;
  const kill = { ...(await world.kill({ suspect: true })), containerId: `containerd://${'e'.repeat(64)}` };
  await killedForNode(world, kill, isNamed ? { podUid: kill.podUid, containerId: 'e'.repeat(64) } : null);

  expect((await admitKill(kill, world.needs)).is).toBe(expected);
});
