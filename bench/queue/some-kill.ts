import type { Kill } from '../../src/core/kill/kill.ts';

/** A kill with everything that one usually has: as long as those that the watcher queues. */
export function someKill(n: number): Kill {
  const name = `checkout-${n}`;
  const hash = '85c89d4c8c';
  return {
    fingerprint: `bench|2f8d6f1a-5d0e-4f4c-9a51-0d6d2b1d9f11|app|containerd://${String(n).padStart(64, '0')}`,
    subject: { cluster: 'bench', namespace: 'shop', workload: { kind: 'Deployment', name }, container: 'app' },
    kind: 'container',
    suspect: false,
    pod: `${name}-${hash}-vbs99`,
    podUid: '2f8d6f1a-5d0e-4f4c-9a51-0d6d2b1d9f11',
    podCreatedAt: '2026-11-24T10:00:00Z',
    containerType: 'container',
    containerId: `containerd://${String(n).padStart(64, '0')}`,
    exitCode: 137,
    reason: 'OOMKilled',
    message: null,
    startedAt: '2026-11-24T10:00:01Z',
    finishedAt: '2026-11-24T10:05:00Z',
    restartCount: 0,
    limitBytes: 67_108_864,
    limitInForceBytes: 67_108_864,
    requestBytes: 67_108_864,
    node: 'node-a',
    qosClass: 'Burstable',
    image: `registry.example/shop/${name}:1.4.2`,
    revision: hash,
    labels: { app: name, 'pod-template-hash': hash },
    startedBeforeWatch: false,
    away: null,
    seenAt: 1_795_514_700_250,
  };
}
