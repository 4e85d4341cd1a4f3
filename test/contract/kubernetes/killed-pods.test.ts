import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import type { V1Pod } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { programAnnotation } from '../../../sandbox/kubernetes/kubelet/annotated-program.ts';
import { startWorld } from '../../../sandbox/world.ts';
import { connect } from '../../../src/adapters/kubernetes/transport/connect.ts';
import { runWatcher, synced } from '../../flow/kubernetes/watch/watch-world.ts';
import type { RunningWatcher } from '../../flow/kubernetes/watch/watch-world.ts';

/**
 * Pods that are killed for memory, made through the API and seen by the real watcher: in the living sandbox or, with
 * OOMKEEPER_TEST_KUBECONFIG, in a real cluster. Only the sandbox reads the annotation, only a real cluster the command.
 */
const realCluster = process.env['OOMKEEPER_TEST_KUBECONFIG'];
const image = process.env['OOMKEEPER_TEST_IMAGE'] ?? 'busybox:1.37';
const namespace = `oomkeeper-killed-${process.pid}`;
/** A real cluster pulls an image, and waits ten seconds before it restarts a container for the second time. */
const patience = { timeout: 120_000, interval: 50 };
const config = new KubeConfig();
let running: RunningWatcher;
let stop = async (): Promise<void> => {};

beforeAll(async () => {
  let kubeconfig = realCluster;
  if (kubeconfig === undefined) {
    const world = await startWorld({ speed: 20, seed: 1, port: 0, withPage: false, log: () => undefined });
    stop = world.close;
    kubeconfig = world.addresses.kubeconfig;
  }
  config.loadFromFile(kubeconfig);
  await config.makeApiClient(CoreV1Api).createNamespace({ body: { metadata: { name: namespace } } });
  running = runWatcher(
    { transport: await connect({ kubeconfig }), checkpoints: new Map() },
    { namespaces: [namespace], lookBackMs: 60_000 },
  );
  await synced(running);
}, 60_000);

afterAll(async () => {
  await running?.stop();
  await config.makeApiClient(CoreV1Api).deleteNamespace({ name: namespace });
  await stop();
});

interface PodWish {
  readonly command: string[];
  readonly program: string;
  readonly restartPolicy: string;
}

async function createPod(name: string, { command, program, restartPolicy }: PodWish): Promise<void> {
  const memory = { limits: { memory: '32Mi' }, requests: { memory: '32Mi' } };
  const body: V1Pod = {
    metadata: { name, annotations: { [programAnnotation]: program } },
    spec: {
      restartPolicy,
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'app', image, command, resources: memory }],
    },
  };
  await config.makeApiClient(CoreV1Api).createNamespacedPod({ namespace, body });
}

/** Reads zeros into memory until it has no more of it. */
const hungry = { command: ['tail', '/dev/zero'], program: '0s=4Mi 2s=90Mi' };

test(
  'each kill of a container is queued once, with its pod and its limit, and nothing of a pod that is well',
  { timeout: 180_000 },
  async () => {
    await createPod('again', { ...hungry, restartPolicy: 'Always' });
    await createPod('once', { ...hungry, restartPolicy: 'Never' });
    await createPod('calm', { command: ['sleep', '600'], program: '0s=4Mi', restartPolicy: 'Always' });
    const killsOf = (pod: string) => running.queued.filter((kill) => kill.pod === pod);

    await vi.waitFor(() => {
      expect(killsOf('again').length).toBeGreaterThanOrEqual(3);
      expect(killsOf('once')).toHaveLength(1);
    }, patience);

    expect(new Set(running.queued.map(({ fingerprint }) => fingerprint)).size).toBe(running.queued.length);
    expect(new Set(running.queued.map(({ pod }) => pod))).toEqual(new Set(['again', 'once']));
    expect(killsOf('once')[0]).toMatchObject({
      kind: 'container',
      reason: 'OOMKilled',
      exitCode: 137,
      suspect: false,
      limitBytes: 32 * 2 ** 20,
      subject: { namespace, workload: { kind: 'Pod', name: 'once' }, container: 'app' },
    });
  },
);
