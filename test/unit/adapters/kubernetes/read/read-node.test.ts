import { describe, expect, test } from 'vitest';
import { nodeFacts } from '../../../../../src/adapters/kubernetes/read/read-node.ts';
import { nodeLines } from '../../../../../src/core/evidence/node/node-facts.ts';
import { Mi } from '../../../../fixtures/incidents.ts';

const now = Date.UTC(2026, 10, 24, 14, 5, 0);

const running = {
  phase: 'Running',
  containerStatuses: [
    { name: 'app', containerID: 'containerd://b', state: { running: { startedAt: '2026-11-24T14:04:01Z' } } },
  ],
};
const pod = (name: string, request: string | null, status: object = running) => ({
  metadata: { name, namespace: 'shop', uid: name },
  spec: {
    nodeName: 'n1',
    containers: [{ name: 'app', resources: request === null ? {} : { requests: { memory: request } } }],
  },
  status,
});
const uses = (name: string, mebibytes: number, hex: string | null = null, minutesAgo = 0) => ({
  namespace: 'shop',
  pod: name,
  container: 'app',
  hex,
  points: [{ t: now - minutesAgo * 60_000, bytes: mebibytes * Mi }],
});
const node = (pressure: 'True' | 'False' | 'Unknown') => ({
  status: {
    allocatable: { memory: '2Gi' },
    conditions: [{ type: 'MemoryPressure', status: pressure, lastTransitionTime: '2026-11-24T14:02:00Z' }],
  },
});
const evicted = {
  phase: 'Failed',
  reason: 'Evicted',
  message: 'The node was low on resource: memory.',
  conditions: [{ type: 'DisruptionTarget', status: 'True', lastTransitionTime: '2026-11-24T14:03:00Z' }],
};
const killed = (at: string) => ({
  phase: 'Running',
  containerStatuses: [
    {
      name: 'app',
      restartCount: 1,
      state: { running: {} },
      lastState: {
        terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt: at, containerID: 'containerd://a' },
      },
    },
  ],
});

describe('a node that is short of memory', () => {
  const pods = [
    pod('hog', '20Mi'),
    pod('free', null),
    pod('good', '200Mi'),
    pod('gone', '100Mi', evicted),
    pod('hit', '100Mi', killed('2026-11-24T14:04:00Z')),
    pod('old', '100Mi', killed('2026-11-24T12:00:00Z')),
  ];
  const usage = [uses('hog', 902), uses('free', 300), uses('good', 150), uses('hit', 90), uses('old', 90)];

  test('says who was hit lately, and who used more than it asked for, the largest excess first', () => {
    const facts = nodeFacts('n1', node('True'), { pods, usage, now });

    expect(facts).toMatchObject({
      allocatableBytes: 2048 * Mi,
      requestedBytes: 420 * Mi,
      usedBytes: 1532 * Mi,
      unlimitedPods: 5,
      pressureSince: Date.UTC(2026, 10, 24, 14, 2, 0),
      exceeding: [
        { pod: 'shop/hog', usedBytes: 902 * Mi, requestBytes: 20 * Mi },
        { pod: 'shop/free', usedBytes: 300 * Mi, requestBytes: 0 },
      ],
      victims: [
        { pod: 'shop/hit', container: 'app' },
        { pod: 'shop/gone', container: null },
      ],
    });
  });

  test('counts of each container what its present run uses now, not those before', () => {
    const runs = [uses('hog', 800, 'a', 30), uses('hog', 50, 'b', 1), uses('hog', 90, 'b'), uses('hog', 890, null)];

    const facts = nodeFacts('n1', node('True'), { pods: [pod('hog', '20Mi')], usage: runs, now });

    expect(facts.exceeding).toEqual([{ pod: 'shop/hog', usedBytes: 90 * Mi, requestBytes: 20 * Mi }]);
    expect(facts.usedBytes).toBe(90 * Mi);
  });

  test('says it in words', () => {
    const lines = nodeLines(nodeFacts('n1', node('True'), { pods, usage, now }), 'a test', now);

    expect(lines.map(({ label, text }) => `${label}: ${text}`)).toEqual([
      'Node: n1 has 2Gi for pods, 420Mi requested, no limits, 5 pods without a limit, 1532Mi in use, short of memory since 14:02:00 UTC',
      'Victims: app of shop/hit was killed at 14:04:00 UTC; shop/gone was evicted at 14:03:00 UTC',
      'Above request: shop/hog uses 902Mi and asked for 20Mi: 882Mi more; shop/free uses 300Mi and has no request: 300Mi more',
    ]);
  });

  test('says what it keeps for the system, its swap, and the priority of those above their request', () => {
    const { status } = node('False');
    const nodeInfo = { swap: { capacity: 512 * Mi } };
    const all = { status: { ...status, capacity: { memory: '2304Mi' }, nodeInfo } };
    const low = pod('hog', '20Mi');
    const hog = { ...low, spec: { ...low.spec, priorityClassName: 'batch' } };

    const lines = nodeLines(nodeFacts('n1', all, { pods: [hog], usage, now }), 'a test', now);

    expect(lines.map(({ text }) => text)).toEqual([
      'n1 has 2Gi for pods, keeps 256Mi for the system, 20Mi requested, no limits, 1 pod without a limit, 902Mi in use, 512Mi of swap',
      'shop/hog uses 902Mi and asked for 20Mi: 882Mi more (priority class batch)',
    ]);
  });

  test('without a measurement nobody is accused', () => {
    const facts = nodeFacts('n1', node('False'), { pods, usage: null, now });

    expect([facts.usedBytes, facts.exceeding, facts.pressureSince]).toEqual([null, [], null]);
    expect(facts.enoughSince).toBe(Date.UTC(2026, 10, 24, 14, 2, 0));
    expect(nodeLines(facts, 'a test', now).at(-1)).toMatchObject({ missing: true });
  });

  test('whose kubelet no longer answers is said to have neither too little nor enough', () => {
    const { pressureSince, enoughSince } = nodeFacts('n1', node('Unknown'), { pods, usage, now });

    expect([pressureSince, enoughSince]).toEqual([null, null]);
  });

  test('that is gone still shows its pods', () => {
    expect(nodeFacts('n1', null, { pods, usage, now }).allocatableBytes).toBeNull();
  });
});
