import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { describe, expect, onTestFinished, test } from 'vitest';

import type { ApiServerOptions } from '../../../sandbox/kubernetes/server/api-server.ts';
import { kubeObject, partOf } from './kube-object.ts';
import { openRequest, readText, send, startTestServer } from './start-server.ts';
import type { TestServer } from './start-server.ts';
import { eventually } from '../../eventually.ts';

const podSpec = {
  nodeName: 'node-1',
  containers: [{ name: 'app', image: 'shop/checkout:1', resources: { limits: { memory: '64Mi' } } }],
};
const pod = kubeObject('Pod', 'v1', { name: 'web-0', namespace: 'shop' }, { spec: podSpec, status: {} });

async function startServer(options: Partial<ApiServerOptions> = {}): Promise<TestServer> {
  const world = await startTestServer([{ resource: 'pods', object: pod }], options);
  onTestFinished(world.server.close);
  return world;
}

/** A watch of all pods from now on; the returned list grows with its lines. */
async function watchPods({ server, store }: TestServer): Promise<{ lines: unknown[]; ended: () => boolean }> {
  const path = `/api/v1/pods?watch=1&allowWatchBookmarks=true&resourceVersion=${store.resourceVersion()}`;
  const response = await openRequest(server, { path });
  const lines: unknown[] = [];
  let over = false;
  response.setEncoding('utf8');
  response.on('data', (text: string) => {
    lines.push(
      ...text
        .trim()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
    );
  });
  response.on('error', () => {
    over = true;
  });
  response.on('close', () => {
    over = true;
  });
  return { lines, ended: () => over };
}

function kill({ store }: TestServer, restartCount: number): void {
  const terminated = { exitCode: 137, reason: 'OOMKilled', containerID: `containerd://life-${restartCount}` };
  store.write('pods', 'shop', 'web-0', (draft) => {
    draft.status = { containerStatuses: [{ name: 'app', restartCount, state: { terminated }, lastState: {} }] };
  });
}

describe('the API server simulator', () => {
  test('logs every request with its user, status and body', async () => {
    const { server, clock } = await startServer();

    await send(server, { path: '/api/v1/pods', headers: { 'user-agent': 'watcher/1' } });
    await send(server, {
      method: 'PATCH',
      path: '/api/v1/namespaces/shop/pods/web-0/resize?dryRun=All',
      headers: { 'content-type': 'application/strategic-merge-patch+json' },
      body: '{"metadata":{"labels":{"a":"b"}}}',
    });
    await send(server, { path: '/api/v1/pods', token: 'nobody' });

    const at = clock.now();
    expect(server.requestLog()).toEqual([
      {
        seq: 1,
        at,
        method: 'GET',
        path: '/api/v1/pods',
        user: 'kubernetes-admin',
        userAgent: 'watcher/1',
        dryRun: false,
        status: 200,
      },
      {
        seq: 2,
        at,
        method: 'PATCH',
        path: '/api/v1/namespaces/shop/pods/web-0/resize?dryRun=All',
        user: 'kubernetes-admin',
        userAgent: '',
        dryRun: true,
        status: 200,
        body: '{"metadata":{"labels":{"a":"b"}}}',
      },
      { seq: 3, at, method: 'GET', path: '/api/v1/pods', user: '', userAgent: '', dryRun: false, status: 401 },
    ]);
  });

  test('carries the time of its clock in the Date header', async () => {
    const { server, clock } = await startServer();

    const { headers } = await send(server, { path: '/version' });

    expect(Date.parse(headers.date ?? '')).toBe(clock.now());
  });

  test('notes when the line of a memory kill was written', async () => {
    const world = await startServer();
    const watch = await watchPods(world);
    const before = performance.now();

    kill(world, 1);
    await eventually(() => expect(watch.lines).toHaveLength(1));
    const [entry] = world.server.watchLog();

    expect(entry?.at).toBeGreaterThanOrEqual(before);
    expect(entry?.at).toBeLessThanOrEqual(performance.now());
    expect(entry).toMatchObject({
      type: 'MODIFIED',
      namespace: 'shop',
      name: 'web-0',
      containerIds: ['containerd://life-1'],
    });
    expect(entry?.resourceVersion).toBe(partOf(watch.lines[0], 'object', 'metadata', 'resourceVersion'));
  });

  test('writes objects compactly, in the order of the Go structs, with Go’s escapes', async () => {
    const { server, store } = await startServer();
    store.create('pods', {
      spec: { hostname: '<b> & more' },
      metadata: { labels: { a: 'b' }, namespace: 'shop', name: 'texts' },
      apiVersion: 'v1',
      kind: 'Pod',
    });

    const { text } = await send(server, { path: '/api/v1/namespaces/shop/pods/texts' });

    expect(text).toMatch(/^\{"kind":"Pod","apiVersion":"v1","metadata":\{"name":"texts","namespace":"shop","uid":/);
    expect(text).toContain(String.raw`"spec":{"hostname":"\u003cb\u003e \u0026 more"}`);
    expect(text.endsWith('}\n')).toBe(true);
  });

  test('passes logs on, and makes a Status of what the kubelet refuses', async () => {
    const kubelet: ApiServerOptions['kubelet'] = {
      logs: ({ previous, tailLines, container }) =>
        previous
          ? { status: 400, body: 'previous terminated container "app" not found' }
          : { status: 200, body: `${container} ${tailLines ?? 'all'}\n` },
    };
    const { server } = await startServer({ kubelet });
    const config = new KubeConfig();
    config.loadFromString(server.kubeconfig);

    const text = await config
      .makeApiClient(CoreV1Api)
      .readNamespacedPodLog({ namespace: 'shop', name: 'web-0', container: 'app', tailLines: 5 });
    const previous = await send(server, { path: '/api/v1/namespaces/shop/pods/web-0/log?container=app&previous=true' });

    expect(text).toBe('app 5\n');
    expect(previous.status).toBe(400);
    expect(JSON.parse(previous.text)).toMatchObject({ kind: 'Status', reason: 'BadRequest', code: 400 });
  });
});

describe('faults of the API server simulator', () => {
  test('cut all watches', async () => {
    const world = await startServer();
    const watch = await watchPods(world);

    world.server.faults.inject({ kind: 'cut-watches' });

    await eventually(() => expect(watch.ended()).toBe(true));
    expect(world.server.faults.list()).toMatchObject([{ kind: 'cut-watches', fired: 1 }]);
  });

  test('cut everything, and refuse new connections for a while', async () => {
    const world = await startServer();
    const watch = await watchPods(world);

    world.server.cut(5_000);

    await eventually(() => expect(watch.ended()).toBe(true));
    await expect(send(world.server, { path: '/version' })).rejects.toThrow(/ECONNRESET|socket/);
    await world.clock.advance(5_000);
    expect((await send(world.server, { path: '/version' })).status).toBe(200);
  });

  test('leave watches open and silent', async () => {
    const world = await startServer();
    const watch = await watchPods(world);
    const other = await watchPods(world);

    world.server.faults.inject({ kind: 'freeze-watches' });
    const later = await watchPods(world);
    kill(world, 1);
    await eventually(() => expect(later.lines).toHaveLength(1));
    await world.clock.advance(2_000_000);

    expect([watch.lines, other.lines, watch.ended(), other.ended()]).toEqual([[], [], false, false]);
  });

  test('expire every version from before', async () => {
    const world = await startServer();
    const version = world.store.resourceVersion();
    kill(world, 1);

    world.server.faults.inject({ kind: '410' });
    const path = `/api/v1/pods?watch=1&resourceVersion=${version}`;
    const line: unknown = JSON.parse(await readText(await openRequest(world.server, { path })));

    expect(line).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
  });

  test('answer so many requests of a kind with 500', async () => {
    const { server } = await startServer();
    server.faults.inject({ kind: 'http-500', count: 2, method: 'GET', path: '/pods' });

    const statuses: number[] = [];
    for (const path of ['/api/v1/pods', '/version', '/api/v1/pods', '/api/v1/pods']) {
      statuses.push((await send(server, { path })).status);
    }

    expect(statuses).toEqual([500, 200, 500, 200]);
    expect(server.faults.list()).toMatchObject([{ kind: 'http-500', fired: 2 }]);
  });

  test('give a request no answer', async () => {
    const { server } = await startServer();
    server.faults.inject({ kind: 'hang', path: '/version' });

    const answers: string[] = [];
    const hanging = send(server, { path: '/version' }).then(
      () => answers.push('answered'),
      () => answers.push('cut'),
    );
    await eventually(() => expect(server.requestLog()).toHaveLength(1));
    const next = await send(server, { path: '/version' });
    await server.close();
    await hanging;

    expect([next.status, answers, server.requestLog()[0]?.status]).toEqual([200, ['cut'], 0]);
  });
});
