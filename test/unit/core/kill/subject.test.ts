import { expect, test } from 'vitest';
import { readPod } from '../../../../src/core/kill/pod.ts';
import { subjectOf } from '../../../../src/core/kill/subject.ts';
import { podYaml } from './pod-yaml.ts';

const owner = (kind: string, name: string, more = 'controller: true') =>
  `ownerReferences: [{ kind: ${kind}, name: ${name}, ${more} }]`;

test.each([
  ['a bare pod is its own workload', '', 'Pod/web-1'],
  ['a bare pod with a generated name goes by the prefix', 'generateName: web-', 'Pod/web'],
  [
    "a ReplicaSet's pod belongs to the Deployment",
    `${owner('ReplicaSet', 'web-9567fb657')}, labels: { pod-template-hash: 9567fb657 }`,
    'Deployment/web',
  ],
  [
    "a Rollout's ReplicaSet belongs to the Rollout",
    `${owner('ReplicaSet', 'web-7c9')}, labels: { rollouts-pod-template-hash: 7c9 }`,
    'Rollout/web',
  ],
  ['a ReplicaSet without a template hash stands for itself', owner('ReplicaSet', 'web-7c9'), 'ReplicaSet/web-7c9'],
  [
    'a ReplicaSet that is not named after the hash stands for itself',
    `${owner('ReplicaSet', 'web')}, labels: { pod-template-hash: 9567fb657 }`,
    'ReplicaSet/web',
  ],
  ['a StatefulSet', owner('StatefulSet', 'db'), 'StatefulSet/db'],
  ['a DaemonSet', owner('DaemonSet', 'agent'), 'DaemonSet/agent'],
  ['a Job', owner('Job', 'report'), 'Job/report'],
  ['a Job of a CronJob, named by the minute', owner('Job', 'nightly-29925051'), 'CronJob/nightly'],
  ['a Job of an old CronJob, named by the second', owner('Job', 'nightly-1606200000'), 'CronJob/nightly'],
  ['a Job that is named after a date', owner('Job', 'report-20261124'), 'Job/report-20261124'],
  ['a Job that is named after a number', owner('Job', 'report-7'), 'Job/report-7'],
  ['a Job with a generated name', owner('Job', 'nightly-manual-x7k2p'), 'Job/nightly-manual-x7k2p'],
  ['a controller of another kind', owner('SparkApplication', 'etl'), 'SparkApplication/etl'],
  ['an owner that is no controller does not count', owner('ConfigMap', 'x', 'controller: false'), 'Pod/web-1'],
  ["a static pod's node is not its workload", owner('Node', 'node-1'), 'Pod/web-1'],
])('%s', (_, metadata, expected) => {
  const pod = readPod(podYaml(`{ metadata: { ${metadata} } }`));

  const subject = pod === null ? null : subjectOf('prod', pod, 'app');

  expect(subject).toMatchObject({ cluster: 'prod', namespace: 'shop', container: 'app' });
  expect(`${subject?.workload.kind}/${subject?.workload.name}`).toBe(expected);
});
