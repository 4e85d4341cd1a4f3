import { afterEach, expect, test } from 'vitest';
import type { ApiServerOptions } from '../../../sandbox/kubernetes/server/api-server.ts';
import { readLog } from '../../../src/adapters/kubernetes/read/log/read-log.ts';
import { readLogTail } from '../../../src/adapters/kubernetes/read/log/read-log-tail.ts';
import { readKilledPod } from '../../../src/adapters/kubernetes/read/workload-objects.ts';
import { connect } from '../../../src/adapters/kubernetes/transport/connect.ts';
import { mostLogBytes } from '../../../src/core/talk/question.ts';
import { aKill } from '../../fixtures/incidents.ts';
import { createPod, kill, restart } from './watch/killed-pod.ts';
import { startWatchWorld } from './watch/watch-world.ts';
import type { WatchWorld } from './watch/watch-world.ts';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

type Logs = ApiServerOptions['kubelet']['logs'];

async function killedPod(
  logs: Logs,
  options: Partial<ApiServerOptions> = {},
): Promise<WatchWorld & { readonly uid: string }> {
  const world = await startWatchWorld({ kubelet: { logs }, ...options });
  closers.push(world.close);
  createPod(world.store, 'web-1');
  kill(world.store, 'web-1', { id: 'a1' });
  restart(world.store, 'web-1', { id: 'a1' });
  const uid = world.store.get('pods', 'shop', 'web-1')?.metadata.uid ?? '';
  return { ...world, uid };
}

const killOf = (uid: string) => aKill({ pod: 'web-1', podUid: uid, containerId: 'containerd://a1' });
const text = (body: string): ReturnType<Logs> => ({ status: 200, body });

test('a short log is told whole', async () => {
  const world = await killedPod(() => text('one\ntwo\n'));

  expect(await readLogTail(world.transport, killOf(world.uid), 5_000)).toEqual({
    to: 'log',
    is: 'found',
    pod: 'web-1',
    container: 'app',
    text: 'one\ntwo\n',
    note: null,
  });
});

test('of ten megabytes the newest whole lines are kept, and it is said that they are cut', async () => {
  const lines = Array.from({ length: 4_000 }, (_, at) => `${at} ${'x'.repeat(2_600)}`);
  const world = await killedPod(() => text(`${lines.join('\n')}\n`));

  const found = await readLogTail(world.transport, killOf(world.uid), 60_000);

  if (found.is !== 'found') throw new Error('no log');
  expect(Buffer.byteLength(found.text)).toBeLessThanOrEqual(mostLogBytes);
  expect(Buffer.byteLength(found.text)).toBeGreaterThan(mostLogBytes - 5_000);
  expect(found.text.endsWith(`${lines.at(-1)}\n`)).toBe(true);
  expect(lines).toContain(found.text.split('\n')[0]);
  expect(found).toMatchObject({
    note: expect.stringMatching(/^Only the newest 256 KiB of \d+ KiB/),
  });
});

test('the last words of a killed run are among the evidence, however long its lines are', async () => {
  const lines = Array.from({ length: 50 }, (_, at) => `${at} ${'x'.repeat(5_000)}`);
  const body = `${[...lines, 'java.lang.OutOfMemoryError: Java heap space'].join('\n')}\n`;
  // As a kubelet does: `limitBytes` ends the answer.
  const world = await killedPod(({ limitBytes }) => text(body.slice(0, limitBytes)));
  const pod = await readKilledPod(world.transport, killOf(world.uid), 5_000);

  const found = await readLog(world.transport, killOf(world.uid), { pod, podNow: () => Promise.resolve(pod) }, 5_000);

  expect(found.lines.at(-1)).toBe('java.lang.OutOfMemoryError: Java heap space');
  expect(found.lines.length).toBeGreaterThan(10);
});

test('one endless line is cut too, and what is no text does not make it longer', async () => {
  const world = await killedPod(() => text('é'.repeat(400_000)));

  const found = await readLogTail(world.transport, killOf(world.uid), 5_000);

  if (found.is !== 'found') throw new Error('no log');
  expect(Buffer.byteLength(found.text)).toBeLessThanOrEqual(mostLogBytes);
});

test.each([
  [
    'the kubelet has removed the container',
    text('unable to retrieve container logs for containerd://a1'),
    'has kept no log',
  ],
  ['the run wrote nothing', text(''), 'wrote nothing to its log'],
  [
    'there is none',
    { status: 400, contentType: 'text/plain', body: 'previous terminated container not found' },
    'has kept no log',
  ],
])('where %s the reason is said', async (_, answer, words) => {
  const world = await killedPod(() => answer);

  await expect(readLogTail(world.transport, killOf(world.uid), 5_000)).rejects.toMatchObject({
    code: 'no-log',
    message: expect.stringContaining(words),
  });
});

test('a pod that was replaced has no log of the kill', async () => {
  const world = await killedPod(() => text('one\n'));

  await expect(readLogTail(world.transport, killOf('another'), 5_000)).rejects.toMatchObject({
    code: 'no-log',
    message: expect.stringContaining('the pod is gone'),
  });
});

test('a log that may not be read says which right is missing', async () => {
  const rules = [{ verbs: ['get'], groups: [''], resources: ['pods'] }];
  const world = await killedPod(() => text('one\n'), { tokens: { reader: { user: 'reader', rules } } });
  const folder = await mkdtemp(join(tmpdir(), 'oomkeeper-'));
  closers.push(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'kubeconfig'), world.server.kubeconfigFor('reader'));

  await expect(
    readLogTail(await connect({ kubeconfig: join(folder, 'kubeconfig') }), killOf(world.uid), 5_000),
  ).rejects.toMatchObject({
    code: 'log-forbidden',
    message: 'the worker may not read this log (403); grant it get on pods/log in shop',
  });
});

test('a log that does not come says how to read it by hand', async () => {
  const world = await killedPod(() => text('one\n'));
  world.server.faults.inject({ kind: 'hang', path: '/log' });

  await expect(readLogTail(world.transport, killOf(world.uid), 4_000)).rejects.toMatchObject({
    code: 'log-slow',
    message: expect.stringContaining('kubectl logs --previous -n shop web-1 -c app'),
  });
});
