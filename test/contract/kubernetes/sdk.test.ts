import {
  ApiException,
  AppsV1Api,
  AuthorizationV1Api,
  CoreV1Api,
  KubeConfig,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  VersionApi,
  Watch,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { startTestServer } from './start-server.ts';

/**
 * The vendor's own SDK, against the simulator or, with OOMKEEPER_TEST_KUBECONFIG, against a real cluster. Its pods ask
 * for a node that does not exist, so that nothing of what is looked at depends on a kubelet.
 */
const realCluster = process.env['OOMKEEPER_TEST_KUBECONFIG'];
const namespace = `oomkeeper-contract-${process.pid}`;
const config = new KubeConfig();
let stop = async (): Promise<void> => {};

beforeAll(async () => {
  if (realCluster === undefined) {
    const { server } = await startTestServer();
    config.loadFromString(server.kubeconfig);
    stop = server.close;
  } else {
    config.loadFromFile(realCluster);
  }
  await config.makeApiClient(CoreV1Api).createNamespace({ body: { metadata: { name: namespace } } });
});

afterAll(async () => {
  await config.makeApiClient(CoreV1Api).deleteNamespace({ name: namespace });
  await stop();
});

const strategic = setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch);
const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
const jsonPatch = setHeaderOptions('Content-Type', PatchStrategy.JsonPatch);

function memory(limit: string): { limits: { memory: string }; requests: { memory: string } } {
  return { limits: { memory: limit }, requests: { memory: limit } };
}

async function createPod(name: string, labels: Record<string, string> = {}): Promise<string> {
  const pod = await config.makeApiClient(CoreV1Api).createNamespacedPod({
    namespace,
    body: {
      metadata: { name, labels },
      spec: {
        nodeSelector: { 'oomkeeper.example/nowhere': 'true' },
        containers: [{ name: 'app', image: 'registry.k8s.io/pause:3.10', resources: memory('32Mi') }],
      },
    },
  });
  return pod.metadata?.resourceVersion ?? '';
}

async function createDeployment(name: string): Promise<void> {
  await config.makeApiClient(AppsV1Api).createNamespacedDeployment({
    namespace,
    body: {
      metadata: { name },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: { containers: [{ name: 'app', image: 'registry.k8s.io/pause:3.10', resources: memory('32Mi') }] },
        },
      },
    },
  });
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
    for (const name of ['page-a', 'page-b', 'page-c']) await createPod(name, { set: 'page' });

    const first = await api.listNamespacedPod({ namespace, labelSelector: 'set=page', limit: 2 });
    const token = first.metadata?._continue ?? '';
    const second = await api.listNamespacedPod({ namespace, labelSelector: 'set=page', limit: 2, _continue: token });
    const pod = await api.readNamespacedPod({ namespace, name: 'page-b' });

    expect([first, second].flatMap(({ items }) => items.map(({ metadata }) => metadata?.name))).toEqual([
      'page-a',
      'page-b',
      'page-c',
    ]);
    expect(pod.spec?.containers[0]?.resources?.limits).toEqual({ memory: '32Mi' });
  });

  test('patches a template by strategic merge, merge and JSON patch, with dry run and field manager', async () => {
    const api = config.makeApiClient(AppsV1Api);
    await createDeployment('patched');
    const name = 'patched';
    const template = (limit: string): unknown => ({
      spec: { template: { spec: { containers: [{ name: 'app', resources: memory(limit) }] } } },
    });
    const body = template('48Mi');

    const dry = await api.patchNamespacedDeployment({ namespace, name, body, dryRun: 'All' }, strategic);
    const unchanged = await api.readNamespacedDeployment({ namespace, name });
    await api.patchNamespacedDeployment({ namespace, name, body, fieldManager: 'oomkeeper' }, strategic);
    const labels = { metadata: { annotations: { 'oomkeeper.io/plan': 'P-1' } } };
    await api.patchNamespacedDeployment({ namespace, name, body: labels, fieldManager: 'oomkeeper' }, merge);
    const path = '/spec/template/spec/containers/0/resources/limits/memory';
    const operations = [{ op: 'replace', path, value: '64Mi' }];
    const after = await api.patchNamespacedDeployment({ namespace, name, body: operations }, jsonPatch);

    const limitIn = (deployment: typeof dry): unknown =>
      deployment.spec?.template.spec?.containers[0]?.resources?.limits?.['memory'];
    expect([limitIn(dry), limitIn(unchanged), limitIn(after)]).toEqual(['48Mi', '32Mi', '64Mi']);
    expect(after.metadata?.annotations).toMatchObject({ 'oomkeeper.io/plan': 'P-1' });
    expect(after.metadata?.managedFields?.map(({ manager }) => manager)).toContain('oomkeeper');
  });

  test('is refused a stale version with 409 and a quantity that is none with 422', async () => {
    const api = config.makeApiClient(AppsV1Api);
    await createDeployment('refused');
    const request = { namespace, name: 'refused' };
    const stale = { metadata: { resourceVersion: '1', labels: { a: 'b' } } };
    const wrong = {
      spec: { template: { spec: { containers: [{ name: 'app', resources: { limits: { memory: '12Mx' } } }] } } },
    };

    const conflict = await refusal(api.patchNamespacedDeployment({ ...request, body: stale }, merge));
    const invalid = await refusal(api.patchNamespacedDeployment({ ...request, body: wrong }, strategic));
    const missing = await refusal(api.readNamespacedDeployment({ namespace, name: 'nobody' }));

    expect([conflict.code, invalid.code, missing.code]).toEqual([409, 422, 404]);
    expect(conflict.body).toContain('the object has been modified');
  });

  test('resizes a pod through its subresource, and only there', async () => {
    const api = config.makeApiClient(CoreV1Api);
    await createPod('resized');
    const body = { spec: { containers: [{ name: 'app', resources: memory('48Mi') }] } };
    const request = { namespace, name: 'resized', body, fieldManager: 'oomkeeper' };

    const plain = await refusal(api.patchNamespacedPod(request, strategic));
    const resized = await api.patchNamespacedPodResize(request, strategic);

    expect(plain.code).toBe(422);
    expect(resized.spec?.containers[0]?.resources?.limits).toEqual({ memory: '48Mi' });
    expect(resized.metadata?.generation).toBe(2);
  });

  test('reads logs: nothing of a pod that has no node', async () => {
    const api = config.makeApiClient(CoreV1Api);
    await createPod('unscheduled');

    // NOTE: a 204 has no Content-Type, and the SDK throws for want of one, whoever the server is.
    const nothing = api.readNamespacedPodLog({ namespace, name: 'unscheduled', tailLines: 10 });
    await expect(nothing).rejects.toThrow('No Content-Type defined');
    const wrong = await refusal(api.readNamespacedPodLog({ namespace, name: 'unscheduled', container: 'zzz' }));

    expect(wrong.code).toBe(400);
  });

  test('watches from a version, and is told that one from long ago is gone', async () => {
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const version = await createPod('before-watch', { set: 'watch' });
    const seen: string[] = [];
    const errors: unknown[] = [];

    const query = { resourceVersion: version, labelSelector: 'set=watch', allowWatchBookmarks: true };
    const stream = await new Watch(config).watch(
      path,
      query,
      (type, pod: { metadata: { name: string } }) => seen.push(`${type} ${pod.metadata.name}`),
      () => {},
    );
    onTestFinished(() => {
      stream.abort();
    });
    await createPod('during-watch', { set: 'watch' });
    await expect.poll(() => seen).toContain('ADDED during-watch');
    const expired = await new Watch(config).watch(
      path,
      { resourceVersion: '1', timeoutSeconds: 5 },
      (type, status: { code: number }) => errors.push([type, status.code]),
      () => {},
    );
    onTestFinished(() => {
      expired.abort();
    });

    await expect.poll(() => errors).toEqual([['ERROR', 410]]);
    expect(seen).not.toContain('ADDED before-watch');
  });

  test('keeps an informer up to date', async () => {
    const api = config.makeApiClient(CoreV1Api);
    await createPod('informed-first', { set: 'informer' });
    const list = async () => api.listNamespacedPod({ namespace, labelSelector: 'set=informer' });
    const informer = makeInformer(config, `/api/v1/namespaces/${namespace}/pods`, list, 'set=informer');
    const names = (): readonly unknown[] =>
      informer
        .list()
        .map(({ metadata }) => metadata?.name ?? '')
        .toSorted((a, b) => a.localeCompare(b));

    await informer.start();
    onTestFinished(async () => {
      await informer.stop();
    });
    await createPod('informed-second', { set: 'informer' });
    await expect.poll(names).toEqual(['informed-first', 'informed-second']);
    await api.deleteNamespacedPod({ namespace, name: 'informed-first', gracePeriodSeconds: 0 });

    await expect.poll(names).toEqual(['informed-second']);
  });

  test('replaces an object whole: labels that are not sent are gone, a stale version is a 409', async () => {
    const api = config.makeApiClient(AppsV1Api);
    await createDeployment('replaced');
    const labelled = await api.readNamespacedDeployment({ namespace, name: 'replaced' });
    const stale = await api.readNamespacedDeployment({ namespace, name: 'replaced' });
    if (labelled.metadata !== undefined) labelled.metadata.labels = { tier: 'a' };

    const first = await api.replaceNamespacedDeployment({ namespace, name: 'replaced', body: labelled });
    const refused = api.replaceNamespacedDeployment({ namespace, name: 'replaced', body: stale });

    await expect(refused).rejects.toMatchObject({ code: 409 });
    stale.metadata = { name: 'replaced' };
    if (stale.spec !== undefined) Object.assign(stale.spec, { replicas: 3, paused: true });
    const second = await api.replaceNamespacedDeployment({ namespace, name: 'replaced', body: stale });
    expect([first.metadata?.labels, first.metadata?.generation]).toEqual([{ tier: 'a' }, 1]);
    expect([second.metadata?.labels, second.metadata?.generation, second.spec?.replicas]).toEqual([undefined, 2, 3]);
  });

  test('keeps a quota and a LimitRange, and is refused what they forbid', async () => {
    const api = config.makeApiClient(CoreV1Api);
    const bounded = `${namespace}-bounded`;
    await api.createNamespace({ body: { metadata: { name: bounded } } });
    onTestFinished(async () => {
      await api.deleteNamespace({ name: bounded });
    });
    const pod = (name: string, limit: string) => ({
      namespace: bounded,
      body: {
        metadata: { name },
        spec: {
          nodeSelector: { 'oomkeeper.example/nowhere': 'true' },
          containers: [{ name: 'app', image: 'registry.k8s.io/pause:3.10', resources: memory(limit) }],
        },
      },
    });
    await api.createNamespacedResourceQuota({
      namespace: bounded,
      body: { metadata: { name: 'q' }, spec: { hard: { 'limits.memory': '64Mi' } } },
    });
    await api.createNamespacedLimitRange({
      namespace: bounded,
      body: { metadata: { name: 'lr' }, spec: { limits: [{ type: 'Container', max: { memory: '48Mi' } }] } },
    });

    await expect
      .poll(async () => (await api.readNamespacedResourceQuota({ namespace: bounded, name: 'q' })).status?.used)
      .toEqual({ 'limits.memory': '0' });
    await api.createNamespacedPod(pod('first', '40Mi'));
    const tooLarge = api.createNamespacedPod(pod('second', '49Mi'));
    const tooMuch = api.createNamespacedPod(pod('third', '32Mi'));

    await expect(tooLarge).rejects.toMatchObject({ code: 403, body: /maximum memory usage per Container is 48Mi/ });
    await expect(tooMuch).rejects.toMatchObject({ code: 403, body: /exceeded quota: q/ });
    const { items } = await api.listNamespacedResourceQuota({ namespace: bounded });
    expect(items.map(({ status }) => status?.used)).toEqual([{ 'limits.memory': '40Mi' }]);
  });

  test('asks who may do what', async () => {
    const api = config.makeApiClient(AuthorizationV1Api);
    const resourceAttributes = { namespace, verb: 'patch', group: 'apps', resource: 'deployments' };

    const own = await api.createSelfSubjectAccessReview({ body: { spec: { resourceAttributes } } });
    const nobody = await api.createSubjectAccessReview({ body: { spec: { user: 'nobody', resourceAttributes } } });

    expect([own.status?.allowed, nobody.status?.allowed]).toEqual([true, false]);
  });

  test('writes an Event about an object', async () => {
    const api = config.makeApiClient(CoreV1Api);
    const involvedObject = { kind: 'Deployment', apiVersion: 'apps/v1', namespace, name: 'web' };
    const body = {
      metadata: { generateName: 'web.' },
      involvedObject,
      reason: 'MemoryRaised',
      message: '32Mi to 48Mi',
    };

    const event = await api.createNamespacedEvent({ namespace, body });
    const fieldSelector = 'involvedObject.kind=Deployment,involvedObject.name=web';
    const { items } = await api.listNamespacedEvent({ namespace, fieldSelector });

    expect(items.map(({ metadata }) => metadata.name)).toEqual([event.metadata.name]);
  });
});
