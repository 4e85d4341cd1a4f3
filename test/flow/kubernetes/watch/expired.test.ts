import { describe, expect, test } from 'vitest';
import { startBehindProxy, withoutStreamingLists } from '../transport/behind-proxy.ts';
import { createPod, failProbe, kill, restart } from './killed-pod.ts';
import type { RunningWatcher, WatchWorld } from './watch-world.ts';
import { watch } from './watch-worlds.ts';
import { eventually } from '../../../eventually.ts';

/** One thing that happens on each stream, and whether it was seen. */
const streams = {
  pods: {
    happen: ({ store }: WatchWorld) => kill(store, 'web', { id: 'a' }),
    seen: ({ queued }: RunningWatcher) => queued.some(({ containerId }) => containerId === 'containerd://a'),
  },
  events: {
    happen: ({ store }: WatchWorld) => {
      failProbe(store, 'web');
      restart(store, 'web', { id: 'a', reason: 'Error' });
    },
    seen: ({ ignored }: RunningWatcher) => ignored.some(({ reason }) => reason === 'liveness-probe'),
  },
  nodes: {
    happen: ({ store }: WatchWorld) =>
      store.create('nodes', {
        kind: 'Node',
        apiVersion: 'v1',
        metadata: { name: 'node-1' },
        status: { conditions: [{ type: 'MemoryPressure', status: 'True', lastTransitionTime: now() }] },
      }),
    seen: ({ warned }: RunningWatcher) => warned.some(({ node }) => node === 'node-1'),
  },
} as const;
const names = ['pods', 'events', 'nodes'] as const;
/** Longer than the list that is made anew takes. */
const suspectWindowMs = 10_000;

function now(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}

const status = (reason: string, message: string): string =>
  JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code: 410 });
const errorLine = (object: string): string => `{"type":"ERROR","object":${object}}\n`;
const ofCache = 'too old resource version: 1 (1628)';
const ofEtcd = 'The resourceVersion for the provided watch is too old.';

/** In which words a server says that it has forgotten what came after a version. */
const refusals: readonly (readonly [string, number, string])[] = [
  ['an ERROR line of the cache', 200, errorLine(status('Expired', ofCache))],
  ['an ERROR line of etcd', 200, errorLine(status('Expired', ofEtcd))],
  ['an ERROR line Gone', 200, errorLine(status('Gone', ofCache))],
  ['an ERROR line with nothing but the code', 200, errorLine('{"code":410}')],
  ['an ERROR line without the code', 200, errorLine('{"reason":"Expired"}')],
  ['HTTP 410 Expired', 410, status('Expired', ofEtcd)],
  ['HTTP 410 Gone', 410, status('Gone', ofCache)],
  ['HTTP 410 with an empty body', 410, ''],
];

describe.each(names)('a watch of %s that is expired is begun again with a list, told by', (name) => {
  test.each(refusals)('%s', async (_, httpStatus, body) => {
    const { world, proxy, transport } = await startBehindProxy();
    createPod(world.store, 'web');
    const running = await watch(world, { transport, suspectWindowMs });
    let refused = 0;
    proxy.refuse = (path) => {
      if (refused > 0 || !path.startsWith(`/api/v1/${name}?`) || !path.includes('&resourceVersion=')) return null;
      refused += 1;
      return { status: httpStatus, body };
    };

    world.server.faults.inject({ kind: 'cut-watches' });
    streams[name].happen(world);
    await eventually(() => expect(streams[name].seen(running)).toBe(true));

    const lists = world.server.requestLog().filter(({ path }) => path.includes('sendInitialEvents'));
    expect(refused).toBe(1);
    expect(running.reconnects).toContain('cluster-expired');
    const listed = lists.map(({ path }) => /v1\/([a-z]+)/.exec(path)?.[1] ?? '');
    expect(listed.toSorted()).toEqual([...names, name].toSorted());
  });
});

describe.each(names)('a list of %s whose next page is too late is begun again, told by', (name) => {
  const token = (reason: string): string =>
    status(reason, 'The provided continue parameter is too old to display a consistent list result.');

  test.each([
    ['Expired, with a token for the rest', token('Expired').replace('"metadata":{}', '"metadata":{"continue":"x"}')],
    ['Gone, without one', token('Gone')],
    ['nothing', ''],
  ])('%s', async (_, body) => {
    const { world, proxy, transport } = await startBehindProxy();
    for (let at = 0; at < 501; at += 1) createOne(world, name, at);
    createPod(world.store, 'web');
    streams[name].happen(world);
    let refused = 0;
    proxy.refuse = (path) => {
      if (refused > 0 || !path.startsWith(`/api/v1/${name}?`) || !path.includes('&continue=')) return null;
      refused += 1;
      return { status: 410, body };
    };

    const running = await watch(world, { transport: withoutStreamingLists(transport), suspectWindowMs });
    await eventually(() => expect(streams[name].seen(running)).toBe(true));
    await eventually(() => expect(pagesOf(world, name)).toEqual(['first', 'first', 'next']));

    expect(refused).toBe(1);
  });
});

test('a pod of the first page that is killed while the list is too late each time is seen, and not only when it changes again', async () => {
  const { world, proxy, transport } = await startBehindProxy();
  createPod(world.store, 'a');
  for (let at = 0; at < 501; at += 1) createOne(world, 'pods', at);
  const path = '/api/v1/pods?limit=500&continue=';
  world.server.faults.inject({ kind: 'compact', path, count: Infinity });
  let late = 0;
  proxy.refuse = (asked) => {
    if (!asked.startsWith(path)) return null;
    late += 1;
    // Something has to change, or nothing is too old.
    if (late < 3) createOne(world, 'pods', 1_000 + late);
    if (late === 3) kill(world.store, 'a', { id: 'a' });
    return null;
  };

  const running = await watch(world, { transport: withoutStreamingLists(transport), suspectWindowMs });

  await eventually(() => expect(streams.pods.seen(running)).toBe(true));
  expect(late).toBeGreaterThanOrEqual(3);
});

/** Which pages of a list the server itself was asked for. */
function pagesOf({ server }: WatchWorld, name: string): readonly string[] {
  return server
    .requestLog()
    .filter(({ path }) => path.startsWith(`/api/v1/${name}?limit=`))
    .map(({ path }) => (path.includes('continue=') ? 'next' : 'first'));
}

function createOne({ store }: WatchWorld, name: (typeof names)[number], at: number): void {
  const kind = { pods: 'Pod', events: 'Event', nodes: 'Node' }[name];
  const metadata = { name: `a-${at}`, ...(name === 'nodes' ? {} : { namespace: 'shop' }) };
  store.create(name, { kind, apiVersion: 'v1', metadata });
}
