import { describe, expect, test } from 'vitest';
import { createPod } from './killed-pod.ts';
import { untilQueued } from './watch-world.ts';
import type { WatchWorld } from './watch-world.ts';
import { start, watch } from './watch-worlds.ts';
import { eventually } from '../../../eventually.ts';

// What nodes say: kills of single processes and of the whole node, and that they are short of memory.

const id = 'd'.repeat(64);
const now = () => `${new Date().toISOString().slice(0, 19)}Z`;

function report(world: WatchWorld, name: string, reason: string, message: string): void {
  world.store.create('events', {
    kind: 'Event',
    apiVersion: 'v1',
    metadata: { name, namespace: 'default' },
    involvedObject: { kind: 'Node', name: 'node-1', uid: 'node-1' },
    reason,
    message,
    firstTimestamp: now(),
    lastTimestamp: now(),
    count: 1,
    type: 'Warning',
  });
}

function setPressure(world: WatchWorld, status: 'True' | 'False', since: string): void {
  const conditions = [{ type: 'MemoryPressure', status, lastTransitionTime: since, reason: 'x', message: 'x' }];
  if (world.store.get('nodes', undefined, 'node-1'))
    world.store.write('nodes', undefined, 'node-1', (draft) => (draft.status = { conditions }));
  else
    world.store.create('nodes', {
      kind: 'Node',
      apiVersion: 'v1',
      metadata: { name: 'node-1' },
      status: { conditions },
    });
}

describe('the watcher hears of', () => {
  test('a process that was killed in a container that lives on, by the cgroup in the message', async () => {
    const world = await start();
    createPod(world.store, 'web');
    world.store.write('pods', 'shop', 'web', (draft) => {
      draft.status = {
        phase: 'Running',
        containerStatuses: [
          { name: 'app', restartCount: 0, containerID: `containerd://${id}`, state: { running: { startedAt: now() } } },
        ],
      };
    });
    const uid = world.store.get('pods', 'shop', 'web')?.metadata.uid ?? '';
    const running = await watch(world);

    report(
      world,
      'oom-1',
      'OOMKilling',
      `task_memcg=/kubepods/burstable/pod${uid}/${id},task=java,pid=7 Killed process 7 (java) anon-rss:1024kB`,
    );
    await untilQueued(running, 1);

    expect(running.queued).toMatchObject([
      {
        kind: 'child-process',
        suspect: false,
        pod: 'web',
        subject: { namespace: 'shop', container: 'app' },
        victim: { process: 'java', pid: 7, rssBytes: 1_048_576 },
      },
    ]);
  });

  test('a node that ran out of memory, once from two who say it', async () => {
    const world = await start();
    createPod(world.store, 'web');
    const running = await watch(world);

    report(world, 'oom-1', 'SystemOOM', 'System OOM encountered, victim process: java, pid: 4242');
    report(world, 'oom-2', 'OOMKilling', 'Out of memory: Killed process 4242 (java) anon-rss:1024kB');
    await untilQueued(running, 1);
    report(world, 'oom-3', 'SystemOOM', 'System OOM encountered, victim process: node, pid: 4243');
    await untilQueued(running, 2);

    expect(running.queued.map(({ kind, subject, victim }) => [kind, subject.workload.name, victim?.pid])).toEqual([
      ['node', 'node-1', 4242],
      ['node', 'node-1', 4243],
    ]);
  });

  test('a node that is short of memory, once for each time', async () => {
    const world = await start();
    const [first, second] = [120_000, 60_000].map((ago) => `${new Date(Date.now() - ago).toISOString().slice(0, 19)}Z`);
    setPressure(world, 'True', first ?? '');
    const { warned, queued } = await watch(world);
    await eventually(() => expect(warned).toHaveLength(1));

    setPressure(world, 'True', first ?? '');
    setPressure(world, 'False', second ?? '');
    setPressure(world, 'True', now());
    await eventually(() => expect(warned.map(({ startedAt }) => startedAt === first)).toEqual([true, false]));

    expect(queued).toEqual([]);
  });

  test('nothing of nodes where it watches some namespaces alone', async () => {
    const world = await start();
    setPressure(world, 'True', now());

    await watch(world, { namespaces: ['shop'] });

    expect(world.server.requestLog().some(({ path }) => path.startsWith('/api/v1/nodes'))).toBe(false);
  });
});
