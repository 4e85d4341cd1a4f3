import { clusterOf } from '../../acceptance/victims.ts';
import type { FaultRow } from '../row.ts';

const killed = { exitCode: 137, reason: 'OOMKilled', containerID: 'containerd://1' };
/** Statuses that no kubelet writes. Each mentions what the watcher looks for. */
const statuses: readonly object[] = [
  { containerStatuses: null, initContainerStatuses: [null, 7, 'terminated'] },
  { containerStatuses: { terminated: killed } },
  { containerStatuses: [{ name: 7, restartCount: 'many', state: { terminated: killed } }] },
  { containerStatuses: [{ name: 'app', state: 'terminated', lastState: { terminated: [killed] } }] },
  { containerStatuses: [{ name: 'app', state: { terminated: { exitCode: '137', reason: { OOMKilled: true } } } }] },
  {
    containerStatuses: [{ name: 'app', state: { terminated: { ...killed, finishedAt: 'yesterday', exitCode: 1e99 } } }],
  },
  { containerStatuses: [{ name: '\u0000\u202e<!channel>', state: { terminated: { ...killed, startedAt: -1 } } }] },
  { containerStatuses: [{ name: 'x'.repeat(100_000), state: { terminated: { ...killed, containerID: null } } }] },
  { phase: 'Failed', reason: 'Evicted', message: 42, containerStatuses: 'Evicted' },
  { phase: ['Failed'], reason: { is: 'Evicted' }, conditions: [[[[{ terminated: true }]]]] },
];

export const malformedPods: FaultRow = {
  name: 'malformed-pods',
  about:
    'pods whose status is not what the API promises: lists that are objects, numbers that are words, endless names',
  inject: async ({ system, nowAndThen }) => {
    const cluster = clusterOf(system.world);
    let made = 0;
    await nowAndThen(async () => {
      for (const status of statuses) {
        made += 1;
        cluster.apply([
          {
            kind: 'Pod',
            apiVersion: 'v1',
            metadata: { name: `malformed-${made}`, namespace: 'malformed' },
            // No node is called so: what is written here stays.
            spec: {
              nodeSelector: { 'kubernetes.io/hostname': 'nowhere' },
              containers: [{ name: 'app', image: 'registry.example/malformed:1' }],
            },
            status,
          },
        ]);
      }
    });
    return made;
  },
};
