import { createHandClock } from '../../../sandbox/hand-clock.ts';
import type { HandClock } from '../../../sandbox/hand-clock.ts';
import { createCluster } from '../../../sandbox/kubernetes/cluster/cluster.ts';
import type { Cluster } from '../../../sandbox/kubernetes/cluster/cluster.ts';
import type { Target as Workload } from '../../../sandbox/kubernetes/cluster/target.ts';
import { createObjectStore } from '../../../sandbox/kubernetes/objects/memory-object-store.ts';
import type { JsonObject } from '../../../sandbox/kubernetes/objects/object-store.ts';
import type { MemoryProgram } from '../../../sandbox/kubernetes/kubelet/program.ts';
import type { RequestLogEntry } from '../../../sandbox/kubernetes/server/server-log.ts';
import { seededRandom } from '../../../sandbox/scenario/scenario-seed.ts';
import { createClusterReader } from '../../../src/adapters/kubernetes/read/read-cluster.ts';
import { createClusterWriter } from '../../../src/adapters/kubernetes/write/write-cluster.ts';
import { createDetector } from '../../../src/core/kill/detect/detector.ts';
import type { Kill } from '../../../src/core/kill/kill.ts';
import { makePlans } from '../../../src/core/remediate/make-plans.ts';
import type { EnvChange } from '../../../src/core/recommend/env-change.ts';
import type { Means, Plan } from '../../../src/core/remediate/plan.ts';
import { confirm } from '../../../src/core/verify/confirm.ts';
import type { Confirmation } from '../../../src/core/verify/confirm.ts';
import { startWatchWorld } from './watch/watch-world.ts';
import type { WatchWorld } from './watch/watch-world.ts';

export const Mi = 2 ** 20;
const noBounds = { nodeAllocatableBytes: null, nodeFreeBytes: null, quota: null, limitRange: null };
export const web: Workload = { namespace: 'shop', kind: 'Deployment', name: 'web' };

export interface LivingWorld extends WatchWorld {
  readonly clock: HandClock;
  readonly cluster: Cluster;
  readonly reader: ReturnType<typeof createClusterReader>;
  readonly writer: ReturnType<typeof createClusterWriter>;
  /** All kills so far, oldest first. */
  readonly kills: Kill[];
  readonly writes: () => readonly RequestLogEntry[];
  /** A plan for the newest kill that gives it this limit, and heap flags with it. */
  readonly plan: (limitMi: number, env?: readonly EnvChange[]) => Promise<Plan>;
  /** Whether what was written at `since` is seen to work now. */
  readonly ask: (plan: Plan, means: Means, since: number) => Promise<Confirmation>;
}

/** A cluster that lives behind its API server, and what the worker has of it. The clock stands until it is moved. */
export async function startLivingWorld(): Promise<LivingWorld> {
  const clock = createHandClock();
  const store = createObjectStore(clock);
  const nodes = [{ name: 'node-1', allocatableBytes: 24 * 2 ** 30, ip: '192.0.2.2' }];
  const cluster = createCluster({ store, clock, random: seededRandom(7), nodes });
  const world = await startWatchWorld({ store, clock, kubelet: cluster.kubelet });
  const detector = createDetector({ cluster: 'prod' });
  const kills: Kill[] = [];
  store.subscribe(({ type, resource, object }) => {
    if (resource !== 'pods') return;
    for (const found of detector.pod(type, object, { atMs: clock.now() }))
      if (found.is === 'kill') kills.push(found.kill);
  });
  const reader = createClusterReader({
    transport: world.transport,
    deadlineMs: 10_000,
    usage: () => Promise.reject(new Error('connect ECONNREFUSED')),
    usageNow: () => Promise.resolve(null),
    now: clock.now,
  });

  return {
    ...world,
    clock,
    cluster,
    reader,
    writer: createClusterWriter({ transport: world.transport, mode: 'act' }),
    kills,
    writes: () => world.server.requestLog().filter(({ method }) => method !== 'GET'),
    plan: async (limitMi, env = []) => {
      const kill = lastOf(kills);
      const raise = { limitBytes: limitMi * Mi, requestBytes: limitMi * Mi, holds: 0.9, why: '' };
      const heap = { kind: 'set-heap' as const, ...raise, env: [...env], heapBytes: 0 };
      const {
        plans: [made],
        noPlan,
      } = makePlans({
        recommendation: { fix: env.length > 0 ? heap : { kind: 'raise-limit' as const, ...raise }, mitigation: null },
        trigger: kill,
        // What the node has is left out: here the server is to be the one that refuses.
        inputs: { ...(await reader.planInputs(kill)), room: noBounds },
        now: clock.now(),
        spent: new Set(),
        source: null,
      });
      if (!made) throw new Error(noPlan ?? 'no plan');
      return made;
    },
    ask: async (plan, means, since) =>
      confirm({
        plan,
        means,
        observation: await reader.observe(plan, lastOf(kills).subject),
        since,
        now: clock.now(),
        timeoutMs: 300_000,
        recentKills: kills,
      }),
    close: async () => {
      cluster.close();
      await world.close();
    },
  };
}

export function lastOf(kills: readonly Kill[]): Kill {
  const kill = kills.at(-1);
  if (!kill) throw new Error('nothing was killed');
  return kill;
}

/** Needs its peak after so many ms of each run. */
export function peaksAt(peakMi: number, ms: number): MemoryProgram {
  return {
    points: [
      { at: 0, bytes: 4 * Mi },
      { at: ms, bytes: peakMi * Mi },
    ],
  };
}

/** Applies a Deployment `web` whose container `app` has a limit of 64Mi, request = limit, and lets it run. */
export async function deploy(
  world: LivingWorld,
  program: MemoryProgram,
  {
    resources = memory('64Mi'),
    replicas = 1,
    env = [{ name: 'CACHE_MB', value: '32' }],
  }: { readonly resources?: JsonObject; readonly replicas?: number; readonly env?: JsonObject[] } = {},
): Promise<void> {
  world.cluster.setBehaviour(web, { container: 'app', programs: [program] });
  const labels = { app: 'web' };
  const containers = [{ name: 'app', image: 'shop/web:1', resources, env }];
  world.cluster.apply([
    {
      kind: 'Deployment',
      apiVersion: 'apps/v1',
      metadata: { name: 'web', namespace: 'shop' },
      spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
    },
  ]);
  await world.clock.advance(1_000);
}

/** Applies a bare Pod `solo` with the same container. */
export async function runPod(world: LivingWorld, program: MemoryProgram): Promise<void> {
  world.cluster.setBehaviour(
    { namespace: 'shop', kind: 'Pod', name: 'solo' },
    { container: 'app', programs: [program] },
  );
  const containers = [{ name: 'app', image: 'shop/web:1', resources: memory('64Mi') }];
  const metadata = { name: 'solo', namespace: 'shop' };
  world.cluster.apply([{ kind: 'Pod', apiVersion: 'v1', metadata, spec: { containers } }]);
  await world.clock.advance(1_000);
}

/** Moves the clock until there are so many kills. */
export async function untilKills(world: LivingWorld, count: number): Promise<void> {
  for (let seconds = 0; world.kills.length < count && seconds < 900; seconds += 1) await world.clock.advance(1_000);
}

function memory(quantity: string): JsonObject {
  return { limits: { memory: quantity }, requests: { memory: quantity } };
}
