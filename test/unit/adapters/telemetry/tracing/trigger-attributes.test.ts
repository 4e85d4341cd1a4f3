import * as stable from '@opentelemetry/semantic-conventions';
import * as incubating from '@opentelemetry/semantic-conventions/incubating';
import { expect, test } from 'vitest';
import { triggerAttributes } from '../../../../../src/adapters/telemetry/tracing/trigger-attributes.ts';
import { nodeSubject } from '../../../../../src/core/kill/kill.ts';
import { aKill } from '../../../../fixtures/incidents.ts';

const known = new Set(
  [...Object.values<unknown>(stable), ...Object.values<unknown>(incubating)].filter((one) => typeof one === 'string'),
);

test.each(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob', 'Pod', 'Rollout'])(
  'a kill of a %s is described by names of the semantic conventions',
  (kind) => {
    const kill = aKill({ node: 'node-1' });
    const attributes = triggerAttributes({
      ...kill,
      subject: { ...kill.subject, workload: { kind, name: 'checkout' } },
    });

    const others = Object.keys(attributes).filter((name) => !name.startsWith('oomkeeper.'));
    expect(others.length).toBeGreaterThan(5);
    expect(others.filter((name) => !known.has(name))).toEqual([]);
  },
);

test('a kill names cluster, namespace, workload, pod and container', () => {
  const kill = aKill({ node: 'node-1' });

  expect(triggerAttributes(kill)).toEqual({
    'k8s.cluster.name': kill.subject.cluster,
    'k8s.namespace.name': kill.subject.namespace,
    'k8s.deployment.name': kill.subject.workload.name,
    'k8s.container.name': kill.subject.container,
    'k8s.container.restart_count': kill.restartCount,
    'k8s.pod.name': kill.pod,
    'k8s.pod.uid': kill.podUid,
    'k8s.node.name': 'node-1',
    'oomkeeper.kind': 'container',
  });
});

test('what is about a node names no pod', () => {
  const attributes = triggerAttributes({ ...aKill({ node: 'node-1' }), subject: nodeSubject('prod', 'node-1') });

  expect(Object.keys(attributes)).toEqual(['k8s.cluster.name', 'k8s.node.name', 'oomkeeper.kind']);
});

test('no label, message, image or annotation becomes an attribute', () => {
  const kill = aKill({ labels: { secret: 'canary' }, message: 'canary', image: 'canary', reason: 'canary' });

  expect(JSON.stringify(triggerAttributes(kill))).not.toContain('canary');
});
