import { formatBytes } from '../objects/quantity.ts';
import { wholeSeconds } from '../kubelet/run.ts';
import type { NodeSpec } from '../kubelet/scheduler.ts';
import type { NewObject } from '../objects/object-store.ts';

const gibi = 2 ** 30;

/** Nodes of different size, as small installations have them; the last one is for what may use up all of a node. */
export const defaultNodes: readonly NodeSpec[] = [
  { name: 'pool-a-1', allocatableBytes: 14 * gibi, ip: '192.0.2.11' },
  { name: 'pool-a-2', allocatableBytes: 14 * gibi, ip: '192.0.2.12' },
  { name: 'pool-b-1', allocatableBytes: 30 * gibi, ip: '192.0.2.21' },
  { name: 'pool-m-1', allocatableBytes: 30 * gibi, ip: '192.0.2.31', dedicated: 'models' },
];

/** The Node object: what the kubelet registers and keeps up. `now` in ms UTC. */
export function nodeObject(node: NodeSpec, now: number): NewObject {
  const time = wholeSeconds(now);
  const condition = (type: string, status: string, reason: string, message: string): Record<string, string> => ({
    type,
    status,
    lastHeartbeatTime: time,
    lastTransitionTime: time,
    reason,
    message,
  });
  const capacity = node.allocatableBytes + gibi;
  return {
    kind: 'Node',
    apiVersion: 'v1',
    metadata: {
      name: node.name,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': node.name,
        'kubernetes.io/os': 'linux',
      },
    },
    spec:
      node.dedicated === undefined
        ? {}
        : { taints: [{ key: 'dedicated', value: node.dedicated, effect: 'NoSchedule' }] },
    status: {
      capacity: { cpu: '8', memory: formatBytes(capacity), pods: '110' },
      allocatable: { cpu: '8', memory: formatBytes(node.allocatableBytes), pods: '110' },
      conditions: [
        condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
        condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
        condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
        condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
      ],
      addresses: [
        { type: 'InternalIP', address: node.ip },
        { type: 'Hostname', address: node.name },
      ],
      nodeInfo: {
        kernelVersion: '6.18.0',
        osImage: 'Debian GNU/Linux 12 (bookworm)',
        containerRuntimeVersion: 'containerd://2.1.9',
        kubeletVersion: 'v1.36.2',
        operatingSystem: 'linux',
        architecture: 'amd64',
      },
    },
  };
}
