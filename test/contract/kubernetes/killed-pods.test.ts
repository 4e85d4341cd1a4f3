import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld } from '../../../sandbox/world.ts';
import type { World } from '../../../sandbox/world.ts';
import { connect } from '../../../src/adapters/kubernetes/transport/connect.ts';
import { runWatcher, synced } from '../../flow/kubernetes/watch/watch-world.ts';
import type { RunningWatcher } from '../../flow/kubernetes/watch/watch-world.ts';
import { eventually } from '../../eventually.ts';

/**
 * Pods that are killed for memory, seen by the real watcher: in the living sandbox or, with OOMKEEPER_TEST_KUBECONFIG,
 * in a real cluster, where a command needs what the sandbox's program says.
 */
const realCluster = process.env['OOMKEEPER_TEST_KUBECONFIG'];
const image = process.env['OOMKEEPER_TEST_IMAGE'] ?? 'busybox:1.37';
const namespace = `oomkeeper-killed-${process.pid}`;
const config = new KubeConfig();
const mebi = 2 ** 20;
let running: RunningWatcher;
let world: World | undefined;

beforeAll(async () => {
  if (realCluster === undefined) {
    world = await startWorld({ speed: 20, seed: 1, port: 0, withPage: false, log: () => undefined });
  } else {
    config.loadFromFile(realCluster);
    await config.makeApiClient(CoreV1Api).createNamespace({ body: { metadata: { name: namespace } } });
  }
  const kubeconfig = world?.addresses.kubeconfig ?? realCluster ?? '';
  running = runWatcher(
    { transport: await connect({ kubeconfig }), checkpoints: new Map() },
    { namespaces: [namespace], lookBackMs: 60_000 },
  );
  await synced(running);
}, 60_000);

afterAll(async () => {
  await running?.stop();
  if (world === undefined) await config.makeApiClient(CoreV1Api).deleteNamespace({ name: namespace });
  await world?.close();
});

interface PodWish {
  readonly command: string[];
  /** What it needs after 2 s. */
  readonly needsMi: number;
  readonly restartPolicy: string;
}

async function createPod(name: string, { command, needsMi, restartPolicy }: PodWish): Promise<void> {
  const memory = { limits: { memory: '32Mi' }, requests: { memory: '32Mi' } };
  const spec = {
    restartPolicy,
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'app', image, command, resources: memory }],
  };
  if (world === undefined) {
    await config.makeApiClient(CoreV1Api).createNamespacedPod({ namespace, body: { metadata: { name }, spec } });
    return;
  }
  const points = [
    { at: 0, bytes: 4 * mebi },
    { at: 2000, bytes: needsMi * mebi },
  ];
  world.cluster?.setBehaviour({ namespace, kind: 'Pod', name }, { container: 'app', programs: [{ points }] });
  world.cluster?.apply([{ kind: 'Pod', apiVersion: 'v1', metadata: { name, namespace }, spec }]);
}

/** Reads zeros into memory until it has no more of it. */
const hungry = { command: ['tail', '/dev/zero'], needsMi: 90 };

test(
  'each kill of a container is queued once, with its pod and its limit, and nothing of a pod that is well',
  { timeout: 180_000 },
  async () => {
    await createPod('again', { ...hungry, restartPolicy: 'Always' });
    await createPod('once', { ...hungry, restartPolicy: 'Never' });
    await createPod('calm', { command: ['sleep', '600'], needsMi: 4, restartPolicy: 'Always' });
    const killsOf = (pod: string) => running.queued.filter((kill) => kill.pod === pod);

    await eventually(() => {
      expect(killsOf('again').length).toBeGreaterThanOrEqual(3);
      expect(killsOf('once')).toHaveLength(1);
    });

    expect(new Set(running.queued.map(({ fingerprint }) => fingerprint)).size).toBe(running.queued.length);
    expect(new Set(running.queued.map(({ pod }) => pod))).toEqual(new Set(['again', 'once']));
    expect(killsOf('once')[0]).toMatchObject({
      kind: 'container',
      reason: 'OOMKilled',
      exitCode: 137,
      suspect: false,
      limitBytes: 32 * mebi,
      subject: { namespace, workload: { kind: 'Pod', name: 'once' }, container: 'app' },
    });
  },
);
