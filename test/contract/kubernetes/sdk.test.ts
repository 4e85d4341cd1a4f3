import {
  ApiException,
  AppsV1Api,
  AuthorizationV1Api,
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  VersionApi,
  Watch,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { withDefaults } from '../../../sandbox/kubernetes/objects/object-defaults.ts';
import type { NewObject } from '../../../sandbox/kubernetes/objects/object-store.ts';
import { startTestServer } from './start-server.ts';
import type { TestServer } from './start-server.ts';
import { eventually } from '../../eventually.ts';

/**
 * The vendor's own SDK, against the simulator or, with OOMKEEPER_TEST_KUBECONFIG, against a real cluster. Its pods ask
 * for a node that does not exist, so that nothing of what is looked at depends on a kubelet. What else is looked at is put
 * into the simulator's store, since Oomkeeper creates and deletes nothing but pods.
 */
const realCluster = process.env['OOMKEEPER_TEST_KUBECONFIG'];
const namespace = `oomkeeper-contract-${process.pid}`;
const config = new KubeConfig();
let simulated: TestServer | undefined;

const resources: Readonly<Record<string, string>> = { Deployment: 'deployments' };

async function make(object: NewObject): Promise<void> {
  if (simulated === undefined || object.kind === 'Pod') await KubernetesObjectApi.makeApiClient(config).create(object);
  else {
    const resource = resources[object.kind] ?? '';
    simulated.store.create(resource, withDefaults(resource, object));
  }
}

beforeAll(async () => {
  if (realCluster === undefined) {
    const space = { kind: 'Namespace', apiVersion: 'v1', metadata: { name: namespace } };
    simulated = await startTestServer();
    simulated.store.create('namespaces', withDefaults('namespaces', space));
    config.loadFromString(simulated.server.kubeconfig);
  } else {
    config.loadFromFile(realCluster);
    await config.makeApiClient(CoreV1Api).createNamespace({ body: { metadata: { name: namespace } } });
  }
});

afterAll(async () => {
  if (simulated === undefined) await config.makeApiClient(CoreV1Api).deleteNamespace({ name: namespace });
  await simulated?.server.close();
});

const strategic = setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch);
const jsonPatch = setHeaderOptions('Content-Type', PatchStrategy.JsonPatch);

function memory(limit: string): { limits: { memory: string }; requests: { memory: string } } {
  return { limits: { memory: limit }, requests: { memory: limit } };
}

const container = { name: 'app', image: 'registry.k8s.io/pause:3.10', resources: memory('32Mi') };

async function createPod(name: string, labels: Record<string, string> = {}): Promise<void> {
  const spec = { nodeSelector: { 'oomkeeper.example/nowhere': 'true' }, containers: [container] };
  await make({ kind: 'Pod', apiVersion: 'v1', metadata: { name, namespace, labels }, spec });
}

async function createDeployment(name: string): Promise<void> {
  const template = { metadata: { labels: { app: name } }, spec: { containers: [container] } };
  const spec = { replicas: 0, selector: { matchLabels: { app: name } }, template };
  await make({ kind: 'Deployment', apiVersion: 'apps/v1', metadata: { name, namespace }, spec });
}

async function refusal(answer: Promise<unknown>): Promise<{ readonly code: number; readonly body: string }> {
  const error: unknown = await answer.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ApiException)) throw new Error('was not refused');
  return { code: error.code, body: String(error.body) };
}

describe('@kubernetes/client-node', () => {
  test('reads the version', async () => {
    const version = await config.makeApiClient(VersionApi).getCode();

    expect(Number.parseInt(version.minor, 10)).toBeGreaterThanOrEqual(32);
  });

  test('lists page by page and reads one pod', async () => {
    const api = config.makeApiClient(CoreV1Api);
    const names = ['page-a', 'page-b', 'page-c'];
    for (const name of names) await createPod(name, { set: 'page' });

    const first = await api.listNamespacedPod({ namespace, labelSelector: 'set=page', limit: 2 });
    const token = first.metadata?._continue ?? '';
    const second = await api.listNamespacedPod({ namespace, labelSelector: 'set=page', limit: 2, _continue: token });
    const pod = await api.readNamespacedPod({ namespace, name: 'page-b' });

    expect([first, second].flatMap(({ items }) => items.map(({ metadata }) => metadata?.name))).toEqual(names);
    expect(pod.spec?.containers[0]?.resources?.limits).toEqual({ memory: '32Mi' });
  });

  test('makes a pod once, with the defaults of a server, and deletes it', async () => {
    const api = config.makeApiClient(CoreV1Api);
    const spec = { nodeSelector: { 'oomkeeper.example/nowhere': 'true' }, containers: [container] };
    const body = { metadata: { name: 'made' }, spec };

    const made = await api.createNamespacedPod({ namespace, body, fieldManager: 'oomkeeper' });
    const again = await refusal(api.createNamespacedPod({ namespace, body }));
    const elsewhere = await refusal(api.createNamespacedPod({ namespace: `${namespace}-not`, body }));
    const deleted = await api.deleteNamespacedPod({ namespace, name: 'made' });
    const gone = await refusal(api.readNamespacedPod({ namespace, name: 'made' }));

    expect(made.metadata).toMatchObject({ name: 'made', namespace, uid: expect.any(String) });
    expect(made.metadata?.managedFields?.map(({ manager }) => manager)).toEqual(['oomkeeper']);
    expect(made.spec).toMatchObject({ restartPolicy: 'Always', terminationGracePeriodSeconds: 30 });
    expect(made.status).toMatchObject({ phase: 'Pending', qosClass: 'Burstable' });
    expect(again).toMatchObject({ code: 409, body: expect.stringContaining('AlreadyExists') });
    expect(elsewhere).toMatchObject({ code: 404, body: expect.stringContaining('namespaces') });
    expect(deleted.metadata?.deletionTimestamp).toBeInstanceOf(Date);
    expect(gone.code).toBe(404);
  });

  test('patches a template by strategic merge and JSON patch, with dry run and field manager', async () => {
    const api = config.makeApiClient(AppsV1Api);
    await createDeployment('patched');
    const request = { namespace, name: 'patched' };
    const template = { spec: { containers: [{ name: 'app', resources: memory('48Mi') }] } };
    const body = { metadata: { annotations: { 'oomkeeper.io/plan': 'P-1' } }, spec: { template } };

    const dry = await api.patchNamespacedDeployment({ ...request, body, dryRun: 'All' }, strategic);
    const unchanged = await api.readNamespacedDeployment(request);
    const changed = await api.patchNamespacedDeployment({ ...request, body, fieldManager: 'oomkeeper' }, strategic);
    const operations = [
      { op: 'test', path: '/metadata/uid', value: changed.metadata?.uid },
      { op: 'replace', path: '/spec/template', value: unchanged.spec?.template },
    ];
    const back = await api.patchNamespacedDeployment({ ...request, body: operations }, jsonPatch);

    const limitIn = (deployment: typeof dry): unknown =>
      deployment.spec?.template.spec?.containers[0]?.resources?.limits?.['memory'];
    expect([dry, unchanged, changed, back].map(limitIn)).toEqual(['48Mi', '32Mi', '48Mi', '32Mi']);
    expect(back.metadata?.annotations).toMatchObject({ 'oomkeeper.io/plan': 'P-1' });
    expect(changed.metadata?.managedFields?.map(({ manager }) => manager)).toContain('oomkeeper');
  });

  test('is refused a stale version with 409, a failed test with 422 and what is not there with 404', async () => {
    const api = config.makeApiClient(AppsV1Api);
    await createDeployment('refused');
    const request = { namespace, name: 'refused' };
    const stale = { metadata: { resourceVersion: '1', labels: { a: 'b' } } };
    const failing = [{ op: 'test', path: '/metadata/uid', value: 'another' }];

    const conflict = await refusal(api.patchNamespacedDeployment({ ...request, body: stale }, strategic));
    const invalid = await refusal(api.patchNamespacedDeployment({ ...request, body: failing }, jsonPatch));
    const missing = await refusal(api.readNamespacedDeployment({ namespace, name: 'nobody' }));

    expect([conflict.code, invalid.code, missing.code]).toEqual([409, 422, 404]);
    expect(conflict.body).toContain('the object has been modified');
  });

  test('resizes a pod through its subresource', async () => {
    const api = config.makeApiClient(CoreV1Api);
    await createPod('resized');
    const body = { spec: { containers: [{ name: 'app', resources: memory('48Mi') }] } };
    const request = { namespace, name: 'resized', body, fieldManager: 'oomkeeper' };

    const resized = await api.patchNamespacedPodResize(request, strategic);

    expect(resized.spec?.containers[0]?.resources?.limits).toEqual({ memory: '48Mi' });
    expect(resized.metadata?.generation).toBe(2);
  });

  test('reads logs: nothing of a pod that has no node', async () => {
    const api = config.makeApiClient(CoreV1Api);
    await createPod('unscheduled');
    const request = { namespace, name: 'unscheduled', tailLines: 10 };

    // NOTE: a 204 has no Content-Type, and the SDK throws for want of one, whoever the server is.
    const nothing = api.readNamespacedPodLog({ ...request, container: 'app' });
    await expect(nothing).rejects.toThrow('No Content-Type defined');
    const wrong = await refusal(api.readNamespacedPodLog({ ...request, container: 'zzz' }));

    expect(wrong.code).toBe(400);
  });

  test('watches from a version, and is told that one from long ago is gone', async () => {
    const path = `/api/v1/namespaces/${namespace}/pods`;
    await createPod('before-watch');
    const { metadata } = await config.makeApiClient(CoreV1Api).listNamespacedPod({ namespace });
    const seen: string[] = [];
    const errors: unknown[] = [];

    const query = { resourceVersion: metadata?.resourceVersion ?? '', allowWatchBookmarks: true };
    const stream = await new Watch(config).watch(
      path,
      query,
      (type, pod: { metadata: { name: string } }) => seen.push(`${type} ${pod.metadata.name}`),
      () => {},
    );
    onTestFinished(() => {
      stream.abort();
    });
    await createPod('during-watch');
    await eventually(() => expect(seen).toContain('ADDED during-watch'));
    const expired = await new Watch(config).watch(
      path,
      { resourceVersion: '1', timeoutSeconds: 5 },
      (type, status: { code: number }) => errors.push([type, status.code]),
      () => {},
    );
    onTestFinished(() => {
      expired.abort();
    });

    await eventually(() => expect(errors).toEqual([['ERROR', 410]]));
    expect(seen).not.toContain('ADDED before-watch');
  });

  test('keeps an informer up to date', async () => {
    const api = config.makeApiClient(CoreV1Api);
    await createPod('informed-first');
    const informer = makeInformer(config, `/api/v1/namespaces/${namespace}/pods`, async () =>
      api.listNamespacedPod({ namespace }),
    );
    const names = (): readonly unknown[] => informer.list().map(({ metadata }) => metadata?.name);

    await informer.start();
    onTestFinished(async () => {
      await informer.stop();
    });
    await createPod('informed-second');

    await eventually(() => expect(names()).toEqual(expect.arrayContaining(['informed-first', 'informed-second'])));
  });

  test('asks what it may do', async () => {
    const api = config.makeApiClient(AuthorizationV1Api);
    const resourceAttributes = { namespace, verb: 'patch', group: 'apps', resource: 'deployments' };

    const own = await api.createSelfSubjectAccessReview({ body: { spec: { resourceAttributes } } });

    expect(own.status?.allowed).toBe(true);
  });
});
