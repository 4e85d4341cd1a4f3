import { expect, test } from 'vitest';
import type { ContainerNow } from '../../../../src/core/evidence/usage-now.ts';
import { containerOf } from '../../../../src/core/talk/heard-alert.ts';
import type { HeardAlert } from '../../../../src/core/talk/heard-alert.ts';

function container(pod: string, name: string, changes: Partial<ContainerNow> = {}): ContainerNow {
  return {
    namespace: 'shop',
    pod,
    container: name,
    workload: { kind: 'Deployment', name: 'checkout' },
    isRunning: true,
    containerId: null,
    startedAt: null,
    requestBytes: null,
    limitBytes: 512,
    ...changes,
  };
}

const db = { workload: { kind: 'StatefulSet', name: 'checkout' } };
const there: readonly ContainerNow[] = [
  container('checkout-1', 'app', { isRunning: false }),
  container('checkout-2', 'app'),
  container('mesh-1', 'app', { workload: { kind: 'Deployment', name: 'mesh' } }),
  container('mesh-1', 'proxy', { workload: { kind: 'Deployment', name: 'mesh' }, limitBytes: null }),
  container('two-1', 'app', { workload: { kind: 'Deployment', name: 'two' } }),
  container('two-1', 'helper', { workload: { kind: 'Deployment', name: 'two' } }),
  container('checkout-0', 'db', db),
  container('web-7f9c-x2x4a', 'app', { workload: { kind: 'Deployment', name: 'web' } }),
  container('nightly-29400000-b5k2p', 'app', { workload: { kind: 'CronJob', name: 'nightly' } }),
  container('import-b5k2p', 'app', { workload: { kind: 'Job', name: 'import' } }),
];

test.each<[string, HeardAlert['labels'], string]>([
  ['pod and container', { namespace: 'shop', pod: 'two-1', container: 'helper' }, 'two-1/helper'],
  ['a pod with one container', { namespace: 'shop', pod: 'checkout-1' }, 'checkout-1/app'],
  ['a pod with one container that has a limit', { namespace: 'shop', pod: 'mesh-1' }, 'mesh-1/app'],
  ['a pod with two of them', { namespace: 'shop', pod: 'two-1' }, 'which-container'],
  ['a deployment, whose running pod is taken', { namespace: 'shop', deployment: 'checkout' }, 'checkout-2/app'],
  ['a stateful set of the same name', { namespace: 'shop', statefulset: 'checkout' }, 'checkout-0/db'],
  ['a workload of whatever kind', { namespace: 'shop', workload: 'mesh', container: 'proxy' }, 'mesh-1/proxy'],
  ['the ReplicaSet of a Deployment', { namespace: 'shop', replicaset: 'web-7f9c' }, 'web-7f9c-x2x4a/app'],
  ['a ReplicaSet from before', { namespace: 'shop', replicaset: 'web-5d4b' }, 'not-found'],
  ['the Job of a CronJob', { namespace: 'shop', job_name: 'nightly-29400000' }, 'nightly-29400000-b5k2p/app'],
  ['a Job', { namespace: 'shop', job_name: 'import' }, 'import-b5k2p/app'],
  ['a pod that is gone', { namespace: 'shop', pod: 'checkout-9', deployment: 'checkout' }, 'not-found'],
  ['another namespace', { namespace: 'pay', pod: 'checkout-1' }, 'not-found'],
  ['no namespace', { pod: 'checkout-1' }, 'no-labels'],
  ['neither pod nor workload', { namespace: 'shop', container: 'app' }, 'no-labels'],
])('an alert about %s', (_, labels, expected) => {
  const found = containerOf(labels, there);

  expect(typeof found === 'string' ? found : `${found.pod}/${found.container}`).toBe(expected);
});
