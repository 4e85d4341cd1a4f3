import { expect, test } from 'vitest';
import { readRevisions, templateOfRevision } from '../../../../src/adapters/kubernetes/read/rollout/read-revisions.ts';
import { readRollout } from '../../../../src/adapters/kubernetes/read/rollout/read-rollout.ts';
import type { Transport } from '../../../../src/adapters/kubernetes/transport/transport.ts';
import { podsOf } from '../../../../src/adapters/kubernetes/read/workload-objects.ts';
import { record, records } from '../../../../src/core/kill/json-read.ts';
import type { Target } from '../../../../src/core/remediate/plan.ts';
import { aKill } from '../../../fixtures/incidents.ts';
import type { WatchWorld } from './watch-world.ts';
import { start } from './watch-worlds.ts';

/** More than one page, mostly other people's. */
const others = 620;
const deadlineMs = 10_000;
const kill = aKill();

function addDeployment(world: WatchWorld, name: string): Target {
  const [apiVersion, kind, namespace] = ['apps/v1', 'Deployment', 'shop'];
  const { metadata } = world.store.create('deployments', { apiVersion, kind, metadata: { name, namespace } });
  return { apiVersion, kind, namespace, name, uid: metadata.uid };
}

function addReplicaSet(world: WatchWorld, owner: Pick<Target, 'name' | 'uid'>, revision: number): void {
  const deployment = owner.name;
  const hash = `${revision}d9f`;
  const containers = [{ name: 'app', image: `${deployment}:${revision}`, resources: { limits: { memory: '64Mi' } } }];
  world.store.create('replicasets', {
    kind: 'ReplicaSet',
    apiVersion: 'apps/v1',
    metadata: {
      name: `${deployment}-${hash}`,
      namespace: 'shop',
      labels: { 'pod-template-hash': hash },
      annotations: { 'deployment.kubernetes.io/revision': String(revision) },
      ownerReferences: [{ kind: 'Deployment', name: deployment, uid: owner.uid, controller: true }],
    },
    spec: { template: { metadata: { labels: { app: deployment, 'pod-template-hash': hash } }, spec: { containers } } },
  });
}

function addPod(world: WatchWorld, name: string, labels = {}): void {
  world.store.create('pods', {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name, namespace: 'shop', labels },
    spec: { containers: [{ name: 'app' }] },
    status: { phase: 'Running' },
  });
}

/** The same transport, and the most objects that one answer had. */
function measured(transport: Transport): { readonly transport: Transport; readonly most: () => number } {
  let most = 0;
  return {
    transport: {
      ...transport,
      json: async (call) => {
        const body = await transport.json(call);
        most = Math.max(most, records(record(body)['items']).length);
        return body;
      },
    },
    most: () => most,
  };
}

test('revisions are found among the many ReplicaSets of a namespace, without holding all of them at once', async () => {
  const world = await start();
  for (let index = 0; index < others; index += 1) addReplicaSet(world, { name: `a-${index}`, uid: `${index}` }, 1);
  const deployment = addDeployment(world, 'checkout');
  for (const revision of [6, 7]) addReplicaSet(world, deployment, revision);
  const { transport, most } = measured(world.transport);

  const revisions = await readRevisions(transport, deployment, 'app', deadlineMs);
  const replicaSet = revisions[0]?.replicaSet ?? { name: '', uid: '' };
  const template = await templateOfRevision(transport, deployment, replicaSet, deadlineMs);
  const rollout = await readRollout(transport, kill, deadlineMs);

  expect(revisions.map(({ number }) => number)).toEqual(['6', '7']);
  expect(template).toMatchObject({ metadata: { labels: { app: 'checkout' } } });
  expect(rollout).toMatchObject({ revision: '7', previousRevision: '6', changed: ['image checkout:6 -> checkout:7'] });
  expect(most()).toBeLessThanOrEqual(500);
});

test('a pod is found among the many of its namespace, without holding all of them at once', async () => {
  const world = await start();
  for (let index = 0; index < others; index += 1) addPod(world, `a-${index}`);
  addPod(world, 'worker');
  const { transport, most } = measured(world.transport);

  const subject = { ...kill.subject, workload: { kind: 'Pod', name: 'worker' } };
  const pods = await podsOf(transport, subject, null, deadlineMs);

  expect(pods).toMatchObject([{ metadata: { name: 'worker' } }]);
  expect(most()).toBeLessThanOrEqual(500);
});

test('half a list is no list: what was to be read from it is tried again', async () => {
  const world = await start();
  for (let index = 0; index < others; index += 1) addPod(world, `a-${index}`);
  world.server.faults.inject({ kind: 'http-500', path: 'continue=' });
  const subject = { ...kill.subject, workload: { kind: 'Pod', name: 'a-1' } };

  await expect(podsOf(world.transport, subject, null, deadlineMs)).rejects.toMatchObject({
    code: 'cluster-list-cut',
    retry: 'backoff',
  });
});
