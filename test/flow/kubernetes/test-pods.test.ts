import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../../src/adapters/kubernetes/transport/connect.ts';
import { contextNamespace } from '../../../src/adapters/kubernetes/transport/kubeconfig.ts';
import { createTestPods } from '../../../src/adapters/kubernetes/write/test-pods.ts';
import { testPod } from '../../../src/core/test-kill/test-pod.ts';
import { withDefaults } from '../../../sandbox/kubernetes/objects/object-defaults.ts';
import { startTestServer } from '../../contract/kubernetes/start-server.ts';

const minuteMs = 60_000;

async function podsOf(namespace: string) {
  const { server, store, clock } = await startTestServer();
  onTestFinished(server.close);
  store.create(
    'namespaces',
    withDefaults('namespaces', { kind: 'Namespace', apiVersion: 'v1', metadata: { name: namespace } }),
  );
  const folder = await mkdtemp(join(tmpdir(), 'oomkeeper-test-pods-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const kubeconfig = join(folder, 'config');
  await writeFile(kubeconfig, server.kubeconfig);
  return { pods: createTestPods(await connect({ kubeconfig }), namespace), server, clock, store, kubeconfig };
}

const named = (name: string) => testPod({ name, namespace: 'shop', image: 'busybox', by: 'me' });

test('a pod of a test is made, read and removed; what is gone is no failure', async () => {
  const { pods, store } = await podsOf('shop');

  await pods.create(named('a'));
  expect(await pods.read('a')).toMatchObject({ kind: 'Pod', status: { phase: 'Pending', qosClass: 'Guaranteed' } });
  await pods.remove('a');
  await pods.remove('a');

  expect(await pods.read('a')).toBeNull();
  expect(store.list('pods')).toEqual([]);
});

test('only the pods of tests are left-overs, by their age on the clock of the API server', async () => {
  const { pods, clock, store } = await podsOf('shop');
  await pods.create(named('old'));
  const { labels: _, ...metadata } = named('workload').metadata;
  store.create('pods', withDefaults('pods', { ...named('workload'), metadata }));
  await clock.advance(10 * minuteMs);
  await pods.create(named('young'));

  expect(await pods.olderThan(5 * minuteMs)).toEqual(['old']);
});

test('the namespace is that of the current context, else default', async () => {
  const { kubeconfig } = await podsOf('shop');
  const overlay = `${kubeconfig}-context`;
  await writeFile(overlay, 'current-context: mine\ncontexts: [{ name: mine, context: { namespace: shop } }]\n');

  expect(await contextNamespace(kubeconfig)).toBe('default');
  expect(await contextNamespace(`${overlay}:${kubeconfig}`)).toBe('shop');
});
