import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createClock } from '../../../../sandbox/clock.ts';
import { startApiServer } from '../../../../sandbox/kubernetes/server/api-server.ts';
import type { ApiServer, ApiServerOptions } from '../../../../sandbox/kubernetes/server/api-server.ts';
import { createObjectStore } from '../../../../sandbox/kubernetes/objects/memory-object-store.ts';
import type { ObjectStore } from '../../../../sandbox/kubernetes/objects/object-store.ts';
import { connect } from '../../../../src/adapters/kubernetes/transport/connect.ts';
import type { Checkpoint } from '../../../../src/adapters/kubernetes/watch/resume-point.ts';
import type { Transport } from '../../../../src/adapters/kubernetes/transport/transport.ts';
import { createWatcher } from '../../../../src/adapters/kubernetes/watch/watcher.ts';
import type { Watcher, WatcherOptions } from '../../../../src/adapters/kubernetes/watch/watcher.ts';
import type { Kill } from '../../../../src/core/kill/kill.ts';
import type { AtRisk } from '../../../../src/core/kill/trigger.ts';
import { eventually } from '../../../eventually.ts';

export interface WatchWorld {
  readonly store: ObjectStore;
  readonly server: ApiServer;
  readonly transport: Transport;
  /** What the watcher has written, by stream. It outlives a watcher, as Redis does. */
  readonly checkpoints: Map<string, Checkpoint>;
  readonly close: () => Promise<void>;
}

const silentKubelet: ApiServerOptions['kubelet'] = {
  logs: () => ({ status: 200, body: '' }),
};

/** An API server on a free port, reached through its kubeconfig. */
export async function startWatchWorld(options: Partial<ApiServerOptions> = {}): Promise<WatchWorld> {
  const clock = options.clock ?? createClock();
  const store = options.store ?? createObjectStore(clock);
  const server = await startApiServer({ kubelet: silentKubelet, log: () => undefined, ...options, store, clock });
  const dir = await mkdtemp(join(tmpdir(), 'oomkeeper-'));
  await writeFile(join(dir, 'kubeconfig'), server.kubeconfig);
  return {
    store,
    server,
    transport: await connect({ kubeconfig: join(dir, 'kubeconfig') }),
    checkpoints: new Map(),
    close: async () => {
      await server.close();
      await rm(dir, { recursive: true });
    },
  };
}

export interface RunningWatcher {
  readonly watcher: Watcher;
  /** In the order in which they reached the queue. */
  readonly queued: Kill[];
  readonly warned: AtRisk[];
  readonly ignored: { readonly reason: string; readonly kill: Kill }[];
  readonly dropped: string[];
  readonly reconnects: string[];
  readonly stop: () => Promise<void>;
}

/** Starts a watcher; resolves at once, see `synced`. */
export function runWatcher(
  world: Pick<WatchWorld, 'transport' | 'checkpoints'>,
  changes: Partial<WatcherOptions> = {},
): RunningWatcher {
  const queued: Kill[] = [];
  const warned: AtRisk[] = [];
  const ignored: RunningWatcher['ignored'] = [];
  const dropped: string[] = [];
  const reconnects: string[] = [];
  const stopping = new AbortController();
  const watcher = createWatcher({
    transport: world.transport,
    cluster: 'prod',
    namespaces: [],
    lookBackMs: 3_600_000,
    suspectWindowMs: 1_000,
    emit: () => Promise.resolve(),
    checkpoints: {
      read: (stream) => Promise.resolve(world.checkpoints.get(stream) ?? null),
      write: (stream, checkpoint) => {
        world.checkpoints.set(stream, checkpoint);
        return Promise.resolve();
      },
      move: (stream, checkpoint) => {
        if (!world.checkpoints.has(stream)) return Promise.resolve('lost');
        world.checkpoints.set(stream, checkpoint);
        return Promise.resolve('moved');
      },
    },
    now: Date.now,
    random: () => 0,
    on: {
      queued: (kill) => queued.push(kill),
      warned: (atRisk) => warned.push(atRisk),
      ignored: (reason, kill) => ignored.push({ reason, kill }),
      problem: (_, reason) => dropped.push(reason),
      reconnect: (_, reason) => reconnects.push(reason),
      queueFailed: () => undefined,
    },
    ...changes,
  });
  const running = watcher.run(stopping.signal);
  return {
    watcher,
    queued,
    warned,
    ignored,
    dropped,
    reconnects,
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

export async function synced({ watcher }: RunningWatcher): Promise<void> {
  await eventually(() => expect(watcher.problem()).toBeNull());
}

/** Until so many kills are queued. */
export async function untilQueued({ queued }: RunningWatcher, count: number): Promise<void> {
  await eventually(() => expect(queued.length).toBeGreaterThanOrEqual(count));
}

/** Until a checkpoint of all pods stands at the newest version. */
export async function untilCheckpoint({ checkpoints, store }: WatchWorld, stream = 'pods'): Promise<void> {
  await eventually(() => expect(checkpoints.get(stream)?.resourceVersion).toBe(String(store.resourceVersion())));
}

export const idsOf = (kills: readonly Kill[]): readonly string[] =>
  kills.map((kill) => kill.containerId?.replace('containerd://', '') ?? '-').toSorted();
