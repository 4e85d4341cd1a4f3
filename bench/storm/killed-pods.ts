import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClock } from '../../sandbox/clock.ts';
import { startApiServer } from '../../sandbox/kubernetes/server/api-server.ts';
import { createObjectStore } from '../../sandbox/kubernetes/objects/memory-object-store.ts';
import { temporaryFolder } from '../../scripts/system.ts';
import type { BenchContext } from '../benchmark.ts';

/** A pretend API server whose pods only stand there: no controller costs a core that is needed for what is measured. */
export interface KilledPods {
  /** Path of a kubeconfig file. */
  readonly kubeconfig: string;
  /** The nth pod appears, killed. */
  readonly kill: (nth: number, podsEach: number) => void;
}

export async function startKilledPods({ onStop }: BenchContext): Promise<KilledPods> {
  const clock = createClock();
  const store = createObjectStore(clock);
  const logs = () => ({ status: 200, contentType: 'text/plain', body: '' });
  const api = await startApiServer({ store, clock, kubelet: { logs }, log: () => undefined });
  const folder = await temporaryFolder();
  onStop(async () => {
    await api.close();
    await folder.remove();
  });
  const kubeconfig = join(folder.path, 'kubeconfig');
  await writeFile(kubeconfig, api.kubeconfig);
  return { kubeconfig, kill: (nth, podsEach) => void store.create('pods', killedPod(nth, podsEach)) };
}

/** So many pods share a workload. */
export function killedPod(nth: number, podsEach: number) {
  const workload = `storm-${Math.floor(nth / podsEach)}`;
  const at = Date.now();
  const time = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      name: `${workload}-7d9f8c6b5-${nth.toString(36).padStart(5, 'x')}`,
      namespace: 'shop',
      labels: { app: workload, 'pod-template-hash': '7d9f8c6b5' },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: `${workload}-7d9f8c6b5`,
          uid: `rs-${workload}`,
          controller: true,
        },
      ],
    },
    spec: {
      nodeName: `worker-${nth % 3}`,
      containers: [{ name: 'app', image: 'shop:1.4', resources: { limits: { memory: '64Mi' } } }],
    },
    status: {
      phase: 'Running',
      containerStatuses: [
        {
          name: 'app',
          restartCount: 0,
          lastState: {},
          state: {
            terminated: {
              exitCode: 137,
              reason: 'OOMKilled',
              containerID: `containerd://storm${nth}`,
              startedAt: time(at - 60_000),
              finishedAt: time(at),
            },
          },
        },
      ],
    },
  };
}
