import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { rolloutDone, seePod } from '../../../../../src/adapters/kubernetes/read/observe.ts';
import { makesPods } from '../../../../../src/adapters/kubernetes/read/workload-objects.ts';
import { createDetector } from '../../../../../src/core/kill/detect/detector.ts';
import type { JsonRecord } from '../../../../../src/core/kill/json-read.ts';
import type { Kill } from '../../../../../src/core/kill/kill.ts';
import { confirm } from '../../../../../src/core/verify/confirm.ts';
import { aPlan } from '../../../../fixtures/incidents.ts';

const Mi = 2 ** 20;
const captures = join(import.meta.dirname, '../../../../recordings/captures');
const lineSchema = z.object({
  at: z.string(),
  line: z.object({
    type: z.string(),
    object: z.looseObject({ metadata: z.looseObject({ name: z.string().default('') }) }),
  }),
});

const plain = { container: 'app', env: [] };

/** What `confirm` says after each line of a recording, from the line on in which the pod first asks for `toMi`. */
function confirmAlong(capture: string, pod: string, toMi: number, silent = false): string[] {
  const detector = createDetector({ cluster: 'prod' });
  const kills: Kill[] = [];
  const said: string[] = [];
  let since: number | null = null;
  for (const json of readFileSync(join(captures, capture, 'pods.ndjson'), 'utf8')
    .trim()
    .split('\n')) {
    const { at, line } = lineSchema.parse(JSON.parse(json));
    const atMs = Date.parse(at);
    for (const found of detector.pod(line.type, line.object, { atMs })) if (found.is === 'kill') kills.push(found.kill);
    if (line.object.metadata.name !== pod) continue;
    const seen = { ...seePod(line.object, plain), ...(silent ? { podLimitBytes: null } : {}) };
    if (seen.specLimitBytes === toMi * Mi) since ??= atMs;
    if (since === null) continue;
    const memory = { limitBytes: toMi * Mi, requestBytes: toMi * Mi };
    const target = { apiVersion: 'v1', kind: 'Pod', namespace: 'test', name: pod, uid: seen.uid };
    const request = {
      plan: aPlan({ workload: null, pods: [target], means: ['resize'], to: memory }),
      means: 'resize' as const,
      observation: {
        exists: true,
        templateLimitBytes: null,
        templateEnv: {},
        templateChange: null,
        rolloutDone: true,
        pods: [seen],
      },
      since,
      timeoutMs: 300_000,
      recentKills: kills,
    };
    // What the line shows may be looked at now, or a while later when nothing else has come.
    said.push(confirm({ ...request, now: atMs + 100 }).is, confirm({ ...request, now: atMs + 60_000 }).is);
  }
  return said;
}

describe('along recorded resizes', () => {
  test('resize-up is done with its last line, and not before', () => {
    const said = confirmAlong('resize-up', 'web', 160);

    expect(said.slice(-2)).toEqual(['done', 'done']);
    expect(said.slice(0, -2)).not.toContain('done');
  });

  test('resize-crashloop is never done, and told as useless', () => {
    const said = confirmAlong('resize-crashloop', 'jvm', 160);

    expect(said).not.toContain('done');
    expect(said.at(-2)).toBe('useless');
  });

  test('resize-crashloop is not done on a server that shows no pod-level limit either', () => {
    const atOnce = (capture: string): string[] =>
      confirmAlong(capture, 'jvm', 160, true).filter((_, index) => index % 2 === 0);

    expect(atOnce('resize-crashloop')).not.toContain('done');
    expect(atOnce('resize-crashloop-long')).not.toContain('done');
    expect(atOnce('resize-crashloop').at(-1)).toBe('useless');
  });

  test('resize-crashloop-second is not done by the first resize, and by the second', () => {
    expect(confirmAlong('resize-crashloop-second', 'jvm', 160)).not.toContain('done');
    expect(confirmAlong('resize-crashloop-second', 'jvm', 168).slice(-2)).toEqual(['done', 'done']);
  });

  test('resize-deferred waits for room on the node', () => {
    const said = confirmAlong('resize-deferred', 'web', 10 * 1024);

    expect(said.slice(-2)).toEqual(['done', 'done']);
    expect(new Set(said.slice(0, -2))).toEqual(new Set(['waiting']));
  });

  test('resize-infeasible-kubelet is useless as soon as the node says so', () => {
    const said = confirmAlong('resize-infeasible-kubelet', 'web', 128);

    expect(said.slice(0, 4)).toEqual(['waiting', 'waiting', 'useless', 'useless']);
    expect(said).not.toContain('done');
  });

  test('resize-down-below-usage waits', () => {
    expect(new Set(confirmAlong('resize-down-below-usage', 'web', 48))).toEqual(new Set(['waiting']));
  });
});

test('the number that stands for no limit at all is none', () => {
  const pod = {
    spec: { containers: [{ name: 'app' }] },
    status: { resources: { limits: { memory: '9007199254740988Ki' } } },
  };

  expect(seePod(pod, plain)).toMatchObject({ podLimitBytes: null, expectedPodLimitBytes: null });
});

describe('a rollout is done', () => {
  const object = (kind: string, status: JsonRecord, spec: JsonRecord = { replicas: 2 }): JsonRecord => ({
    kind,
    metadata: { generation: 3 },
    spec,
    status: { observedGeneration: 3, ...status },
  });
  const cases: readonly [string, JsonRecord, number, boolean][] = [
    ['when all replicas are new and no old one is left', object('Deployment', { updatedReplicas: 2 }), 2, true],
    ['not while an old pod is left', object('Deployment', { updatedReplicas: 2 }), 3, false],
    ['not while new ones are missing', object('Deployment', { updatedReplicas: 1 }), 2, false],
    [
      'not while the status is about the template before',
      object('Deployment', { updatedReplicas: 2, observedGeneration: 2 }),
      2,
      false,
    ],
    ['not without a status', { kind: 'Deployment', metadata: { generation: 1 }, spec: {} }, 1, false],
    [
      'of a StatefulSet when its revisions are one',
      object('StatefulSet', { updatedReplicas: 2, currentRevision: 'b', updateRevision: 'b' }),
      2,
      true,
    ],
    [
      'of a StatefulSet not before',
      object('StatefulSet', { updatedReplicas: 2, currentRevision: 'a', updateRevision: 'b' }),
      2,
      false,
    ],
    [
      'of a DaemonSet on all nodes',
      object('DaemonSet', { updatedNumberScheduled: 4, desiredNumberScheduled: 4 }),
      4,
      true,
    ],
    [
      'of a DaemonSet not on some',
      object('DaemonSet', { updatedNumberScheduled: 3, desiredNumberScheduled: 4 }),
      4,
      false,
    ],
    ['of a CronJob always', object('CronJob', {}, {}), 0, true],
  ];

  test.each(cases)('%s', (_, owner, pods, expected) => {
    expect(rolloutDone(owner, pods)).toBe(expected);
  });
});

describe('a changed template makes new pods', () => {
  const cases: readonly [string, string, JsonRecord, boolean][] = [
    ['of a Deployment', 'Deployment', {}, true],
    ['not of one that is paused', 'Deployment', { paused: true }, false],
    ['of a StatefulSet', 'StatefulSet', { updateStrategy: { type: 'RollingUpdate' } }, true],
    ['not with OnDelete', 'StatefulSet', { updateStrategy: { type: 'OnDelete' } }, false],
    ['not of a Job', 'Job', {}, false],
    ['not of a kind that we know nothing of', 'Rollout', {}, false],
  ];

  test.each(cases)('%s', (_, kind, spec, expected) => {
    expect(makesPods(kind, { kind, spec })).toBe(expected);
  });
});
