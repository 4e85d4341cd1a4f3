import { describe, expect, test } from 'vitest';

import { objectOf, objectsOf } from '../../sandbox/kubernetes/objects/json-value.ts';
import type { JsonObject, KubeObject, NewObject } from '../../sandbox/kubernetes/objects/object-store.ts';
import { crossingAt, demandAt, type MemoryProgram } from '../../sandbox/kubernetes/kubelet/program.ts';
import { readTranscript } from './kubernetes/transcript.ts';
import {
  behave,
  container,
  createWorld,
  mebi,
  paths,
  pod,
  ramp,
  recorded,
  setMemory,
  stateOf,
  story,
  type Line,
} from './living-cluster-world.ts';

describe('the living cluster tells a story line by line as a real one was recorded', () => {
  test('a container over its limit restarts at once, then waits in back-off (oom-restart)', async () => {
    const world = createWorld();
    const resources = { limits: { memory: '64Mi' }, requests: { cpu: '10m', memory: '32Mi' } };
    behave(world, { kind: 'Pod', name: 'web' }, ramp(1, 121, 8000));

    world.cluster.apply([pod('web', { containers: [container('app', '64Mi', { resources })] })]);
    await world.clock.advance(28_000);

    const expected = recorded('oom-restart').map(story);
    expect(world.pods.map(story).slice(0, expected.length)).toEqual(expected);
  });

  test('a liveness kill shows only in lastState (liveness-137)', async () => {
    const world = createWorld();
    const livenessProbe = { periodSeconds: 2, failureThreshold: 2 };
    world.cluster.apply([pod('stuck', { containers: [container('app', '64Mi', { livenessProbe })] })]);
    await world.clock.advance(1000);

    for (let failure = 0; failure < 2; failure += 1) {
      world.cluster.failProbe({ namespace: 'test', kind: 'Pod', name: 'stuck' }, 'app');
      await world.clock.advance(8000);
    }

    expect(world.pods.map(story)).toEqual(recorded('liveness-137').map(story));
    expect(world.cluster.kills()).toEqual([]);
  });

  test('a resize of a running container is three lines (resize-up)', async () => {
    const world = createWorld();
    behave(world, { kind: 'Pod', name: 'web' }, ramp(4, 80, 25_000));
    world.cluster.apply([pod('web', { containers: [container('app', '64Mi')] })]);
    await world.clock.advance(5000);

    setMemory(world, 'web', '160Mi');
    await world.clock.advance(30_000);

    expect(world.pods.map(story)).toEqual(recorded('resize-up').map(story));
    expect(world.cluster.kills()).toEqual([]);
  });

  test('a resize in back-off says done and kills again; one while it runs repairs it (resize-crashloop-second)', async () => {
    const world = createWorld();
    behave(world, { kind: 'Pod', name: 'jvm' }, ramp(0, 100, 8000));
    world.cluster.apply([pod('jvm', { containers: [container('app', '64Mi')] })]);

    await world.clock.advance(15_000);
    setMemory(world, 'jvm', '160Mi');
    await world.clock.advance(18_000);
    setMemory(world, 'jvm', '168Mi');
    await world.clock.advance(20_000);

    expect(world.pods.map(story)).toEqual(recorded('resize-crashloop-second').map(story));
    expect(world.cluster.kills().map(({ limitInForceBytes }) => limitInForceBytes / mebi)).toEqual([64, 64, 64]);
  });

  test('an init container over its limit keeps the pod pending (oom-init)', async () => {
    const world = createWorld();
    behave(world, { kind: 'Pod', name: 'api' }, ramp(0, 90, 2500), 'migrate');

    world.cluster.apply([
      pod('api', { initContainers: [container('migrate', '48Mi')], containers: [container('app', '64Mi')] }),
    ]);
    await world.clock.advance(20_000);

    const expected = recorded('oom-init').map(story);
    expect(world.pods.map(story).slice(0, expected.length)).toEqual(expected);
  });

  test('a sidecar over its limit leaves its neighbour alone (oom-sidecar)', async () => {
    const world = createWorld();
    behave(world, { kind: 'Pod', name: 'shop' }, ramp(0, 96, 8000), 'log-agent');
    const sidecar = container('log-agent', '48Mi', { restartPolicy: 'Always' });

    world.cluster.apply([pod('shop', { initContainers: [sidecar], containers: [container('app', '64Mi')] })]);
    await world.clock.advance(40_000);

    const expected = recorded('oom-sidecar').map(story);
    expect(world.pods.map(story).slice(0, expected.length)).toEqual(expected);
  });

  test('the pods of a Job without time to live vanish after the last kill (job-ttl0)', async () => {
    const world = createWorld();
    behave(world, { kind: 'Job', name: 'report' }, ramp(0, 100, 3000));
    const template = {
      spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 2, containers: [container('app', '64Mi')] },
    };

    world.cluster.apply([
      {
        kind: 'Job',
        apiVersion: 'batch/v1',
        metadata: { name: 'report', namespace: 'test' },
        spec: { backoffLimit: 1, ttlSecondsAfterFinished: 0, template },
      },
    ]);
    await world.clock.advance(30_000);

    const killed = (lines: readonly Line[]): string[][] =>
      [...new Set(lines.map(({ object }) => object.metadata.uid))].map((uid) => [
        ...new Set(
          lines
            .filter(({ object }) => object.metadata.uid === uid)
            .map(({ type, object }) => {
              const [status] = objectsOf(object.status?.['containerStatuses']);
              return `${type} ${String(object.status?.['phase'])} ${stateOf(objectOf(status?.['state']))}`;
            }),
        ),
      ]);
    expect(killed(world.pods)).toEqual(killed(recorded('job-ttl0')));
    expect(world.store.list('jobs')).toEqual([]);
    expect(world.store.list('pods')).toEqual([]);
  });

  test('a killed container has every field that a recorded one has, in the same order', async () => {
    const world = createWorld();
    behave(world, { kind: 'Pod', name: 'web' }, ramp(1, 121, 8000));
    world.cluster.apply([pod('web', { containers: [container('app', '64Mi')] })]);

    await world.clock.advance(14_000);

    const last = (lines: readonly Line[]): KubeObject | undefined =>
      lines.findLast(
        ({ object }) =>
          stateOf(objectOf(objectsOf(object.status?.['containerStatuses'])[0]?.['state'])) ===
          'terminated:OOMKilled:137',
      )?.object;
    // Volumes are of no interest to whoever mounts the service account's token elsewhere.
    const shape = (object: KubeObject | undefined): string[] =>
      [...new Set(paths(object?.status))].filter((path) => !path.includes('volumeMounts'));
    expect(shape(last(world.pods))).toEqual(shape(last(recorded('oom-restart'))));
  });
});

function deployment(limit: string, image: string): NewObject {
  const template = {
    metadata: { labels: { app: 'shop' } },
    spec: { terminationGracePeriodSeconds: 2, containers: [{ ...container('app', limit), image }] },
  };
  return {
    kind: 'Deployment',
    apiVersion: 'apps/v1',
    metadata: { name: 'shop', namespace: 'test' },
    spec: { replicas: 2, selector: { matchLabels: { app: 'shop' } }, template },
  };
}

/** Memory of the template, and the annotations of the deployment controller, by ReplicaSet. */
function revisionsOf(sets: readonly JsonObject[]): Record<string, unknown> {
  const keys = ['revision', 'revision-history', 'desired-replicas', 'max-replicas'];
  return Object.fromEntries(
    sets.map(({ metadata, spec }) => {
      const [first] = objectsOf(objectOf(objectOf(objectOf(spec)['template'])['spec'])['containers']);
      const annotations = objectOf(objectOf(metadata)['annotations']);
      const ours = keys.map((key) => annotations[`deployment.kubernetes.io/${key}`]);
      const memory = objectOf(objectOf(objectOf(first)['resources'])['limits'])['memory'];
      return [String(memory), [...ours, objectOf(spec)['replicas']]];
    }),
  );
}

describe('controllers', () => {
  test('a template that is used again moves its ReplicaSet to the newest revision, as recorded', async () => {
    const { clock, cluster, store } = createWorld();
    cluster.apply([deployment('16Mi', 'localhost/shop:1')]);
    await clock.advance(30_000);
    const changeTo = async (memory: string): Promise<Record<string, unknown>> => {
      store.write('deployments', 'test', 'shop', (draft) => {
        const [first] = objectsOf(objectOf(objectOf(draft.spec?.['template'])['spec'])['containers']);
        if (first !== undefined) first['resources'] = { limits: { memory }, requests: { cpu: '10m', memory } };
      });
      await clock.advance(60_000);
      return revisionsOf(store.list('replicasets'));
    };
    const recordedSets = (name: string): Record<string, unknown> => {
      const body = readTranscript('rollout').find((each) => each.name.startsWith(name))?.response.body;
      return revisionsOf(objectsOf(objectOf(body)['items']));
    };

    const forward = await changeTo('24Mi');
    const back = await changeTo('16Mi');

    expect(forward).toEqual(recordedSets('ReplicaSets after'));
    expect(back).toEqual(recordedSets('ReplicaSets after the roll back'));
    expect(store.get('deployments', 'test', 'shop')?.metadata.annotations).toEqual({
      'deployment.kubernetes.io/revision': '3',
    });
  });

  test('a patched template makes a new ReplicaSet, and the old one is empty once the new pods are ready', async () => {
    const world = createWorld();
    world.cluster.apply([deployment('64Mi', 'localhost/shop:1')]);
    await world.clock.advance(3000);

    world.cluster.rollout({ namespace: 'test', kind: 'Deployment', name: 'shop' }, 'app', { limit: '128Mi' });
    await world.clock.advance(10_000);

    const sets = world.store
      .list('replicasets', 'test')
      .map(({ metadata, spec }) => [metadata.annotations?.['deployment.kubernetes.io/revision'], spec?.['replicas']]);
    const [found] = world.store.list('deployments', 'test');
    const pods = world.store.list('pods', 'test');
    expect(Object.fromEntries(sets)).toEqual({ 1: 0, 2: 2 });
    expect(found?.status).toMatchObject({ observedGeneration: 2, updatedReplicas: 2, availableReplicas: 2 });
    expect(found?.metadata.annotations).toEqual({ 'deployment.kubernetes.io/revision': '2' });
    expect(pods.map(({ spec }) => objectsOf(spec?.['containers'])[0]?.['image'])).toEqual([
      'localhost/shop:2',
      'localhost/shop:2',
    ]);
    expect(pods.filter(({ metadata }) => metadata.ownerReferences?.[0]?.kind !== 'ReplicaSet')).toEqual([]);
  });

  test.each([
    ['StatefulSet', 'apps/v1', ['shop-0', 'shop-1']],
    ['DaemonSet', 'apps/v1', [expect.stringMatching(/^shop-[a-z0-9]{5}$/)]],
  ])('a %s has its pods and replaces them when its template changes', async (kind, apiVersion, names) => {
    const world = createWorld();
    world.cluster.apply([{ ...deployment('64Mi', 'localhost/shop:1'), kind, apiVersion }]);
    await world.clock.advance(5000);

    world.cluster.rollout({ namespace: 'test', kind, name: 'shop' }, 'app');
    await world.clock.advance(15_000);

    const pods = world.store.list('pods', 'test');
    expect(pods.map(({ metadata }) => metadata.name)).toEqual(names);
    expect(pods.filter(({ status }) => status?.['phase'] !== 'Running')).toEqual([]);
    expect(pods.map(({ spec }) => objectsOf(spec?.['containers'])[0]?.['image'])).toEqual(
      names.map(() => 'localhost/shop:2'),
    );
  });

  test('a CronJob makes Jobs whose pods belong to it', async () => {
    const world = createWorld();
    const template = { spec: { restartPolicy: 'Never', containers: [container('app', '64Mi')] } };
    behave(world, { kind: 'CronJob', name: 'nightly' }, ramp(0, 100, 3000));

    world.cluster.apply([
      {
        kind: 'CronJob',
        apiVersion: 'batch/v1',
        metadata: { name: 'nightly', namespace: 'test' },
        spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { backoffLimit: 0, template } } },
      },
    ]);
    await world.clock.advance(60_000);

    expect(world.cluster.kills({ namespace: 'test', kind: 'CronJob', name: 'nightly' })).toHaveLength(1);
    expect(world.store.list('jobs', 'test').map(({ metadata }) => metadata.name)).toEqual([
      expect.stringMatching(/^nightly-\d+$/),
    ]);
  });

  test('deleting the owner takes its pods along', async () => {
    const world = createWorld();
    world.cluster.apply([deployment('64Mi', 'localhost/shop:1')]);
    await world.clock.advance(3000);

    world.cluster.deleteWorkload({ namespace: 'test', kind: 'Deployment', name: 'shop' });
    await world.clock.advance(5000);

    expect(world.store.list('pods', 'test')).toEqual([]);
    expect(world.store.list('replicasets', 'test')).toEqual([]);
    expect(world.clock.pending()).toBeLessThan(3);
    world.cluster.close();
    expect(world.clock.pending()).toBe(0);
  });
});

describe('the kubelet', () => {
  test('gives logs by the state that the container is in', async () => {
    const world = createWorld();
    behave(world, { kind: 'Pod', name: 'web' }, ramp(1, 121, 8000));
    const ask = (previous: boolean): string => {
      const { status, body } = world.cluster.kubelet.logs({
        namespace: 'test',
        pod: 'web',
        container: 'app',
        previous,
      });
      return `${status} ${body.startsWith('unable to retrieve container logs for containerd://') ? 'unable' : body === '' ? 'empty' : 'text'}`;
    };
    world.cluster.apply([pod('web', { containers: [container('app', '64Mi')] })]);
    const seen = [[ask(false), ask(true)]];

    for (const ms of [300, 1700, 5000, 4000, 12_000]) {
      await world.clock.advance(ms);
      seen.push([ask(false), ask(true)]);
    }

    expect(seen).toEqual([
      ['204 empty', '204 empty'], // no node yet
      ['400 text', '400 text'], // being created
      ['200 text', '400 text'], // first run
      ['200 text', '200 text'], // second run
      ['200 text', '200 unable'], // dead for the second time, in back-off
      ['200 text', '200 text'], // third run
    ]);
  });

  test('waits with a resize that the node has no room for, until there is room', async () => {
    const world = createWorld();
    world.cluster.apply([
      pod('big', { containers: [container('app', '16Gi')] }),
      pod('web', { containers: [container('app', '64Mi')] }),
    ]);
    await world.clock.advance(2000);
    setMemory(world, 'web', '10Gi');
    await world.clock.advance(2000);
    const pending = objectsOf(world.store.get('pods', 'test', 'web')?.status?.['conditions'])[0];

    world.cluster.deleteWorkload({ namespace: 'test', kind: 'Pod', name: 'big' });
    await world.clock.advance(5000);

    const web = world.store.get('pods', 'test', 'web');
    expect(pending).toMatchObject({ type: 'PodResizePending', status: 'True', reason: 'Deferred' });
    expect(objectsOf(web?.status?.['conditions'])[0]?.['type']).toBe('PodReadyToStartContainers');
    expect(objectOf(web?.status?.['resources'])['limits']).toEqual({ memory: '10Gi' });
  });

  test('leaves a resize below the usage unfinished', async () => {
    const world = createWorld();
    behave(world, { kind: 'Pod', name: 'web' }, ramp(50, 50, 1000));
    world.cluster.apply([pod('web', { containers: [container('app', '64Mi')] })]);
    await world.clock.advance(2000);

    setMemory(world, 'web', '32Mi');
    await world.clock.advance(5000);

    const [condition] = objectsOf(world.store.get('pods', 'test', 'web')?.status?.['conditions']);
    expect(condition).toMatchObject({ type: 'PodResizeInProgress', status: 'True', reason: 'Error' });
    expect(world.cluster.kills()).toEqual([]);
  });
});

describe('a memory program', () => {
  const saw: MemoryProgram = {
    points: [
      { at: 0, bytes: 0 },
      { at: 100, bytes: 100 },
      { at: 200, bytes: 20 },
    ],
  };

  test.each([
    ['before the limit', saw, 50, 0, 51],
    ['at the peak exactly: equal still lives', saw, 100, 0, null],
    ['when it is already above', saw, 50, 60, 60],
    ['when the peak is over', saw, 50, 180, null],
    ['in the next round of a repeating one', { ...saw, repeat: true }, 50, 180, 251],
    ['never without points', { points: [] }, 0, 0, null],
  ])('crosses %s', (_, program, limit, from, expected) => {
    const crossing = crossingAt(program, limit, from);

    expect(crossing).toBe(expected);
    expect(crossing === null || demandAt(program, crossing) > limit).toBe(true);
  });

  test.each([
    [-5, 0],
    [50, 50],
    [150, 60],
    [900, 20],
  ])('at %i ms needs %i bytes', (age, bytes) => {
    expect(demandAt(saw, age)).toBe(bytes);
  });
});
