import { describe, expect, test } from 'vitest';
import { createDetector } from '../../../../../src/core/kill/detect/detector.ts';
import { atMs, eventYaml, podInState, podYaml, terminated } from '../pod-yaml.ts';
import type { Moment } from '../timeline.ts';
import { play, say } from '../timeline.ts';

const RUNNING = '{ running: {} }';
const KILLED_A = terminated('OOMKilled', 137, 'a', 10);
/** A pod whose containers have a second to end by themselves. */
const BRIEF = ', spec: { terminationGracePeriodSeconds: 1 }';
const ERROR_A = terminated('Error', 137, 'a', 10);
const deletion = (dueSecond: number, grace: number) =>
  `, metadata: { deletionTimestamp: "2026-11-24T06:10:${dueSecond}Z", deletionGracePeriodSeconds: ${grace} }`;
const liveness = (second: number) =>
  eventYaml('Killing', 'Container app failed liveness probe, will be restarted', second);

const failedProbe = (second: number) => eventYaml('Unhealthy', 'Liveness probe failed: timeout', second);
/** An Event that was counted up since that second. */
const counted = (event: ReturnType<typeof eventYaml>, count: number, firstSecond: number) => ({
  ...event,
  count,
  firstTimestamp: new Date(atMs(firstSecond)).toISOString(),
});
const stopOf = (uid: string | null, name = 'web-1') => ({
  ...eventYaml('Killing', 'Stopping container app', 8),
  involvedObject: { kind: 'Pod', namespace: 'shop', name, uid, fieldPath: 'spec.containers{app}' },
});

describe('exit 137 that is explained', () => {
  test.each<[string, readonly Moment[], string]>([
    [
      'by a liveness kill that came before',
      [
        { second: 8, event: liveness(8) },
        { second: 10, pod: podInState(RUNNING, ERROR_A) },
      ],
      'liveness-probe',
    ],
    [
      'by a liveness kill that comes after',
      [
        { second: 10, pod: podInState(RUNNING, ERROR_A) },
        { second: 12, event: liveness(8) },
      ],
      'liveness-probe',
    ],
    [
      'by a stop that ran out of time',
      [
        { second: 8, event: eventYaml('Killing', 'Stopping container app', 8) },
        { second: 10, pod: podInState(ERROR_A) },
      ],
      'graceful-stop',
    ],
    [
      'by enough failed probes, when the Killing event is lost',
      [
        { second: 7, event: failedProbe(7) },
        { second: 8, event: failedProbe(8) },
        { second: 9, event: failedProbe(9) },
        { second: 10, pod: podInState(RUNNING, ERROR_A, BRIEF) },
      ],
      'liveness-probe',
    ],
    [
      'by enough failed probes that one Event counts',
      [
        { second: 9, event: counted(failedProbe(9), 3, 8) },
        { second: 10, pod: podInState(RUNNING, ERROR_A, BRIEF) },
      ],
      'liveness-probe',
    ],
    [
      'by an order of which only the Event’s first time is this one’s',
      [
        { second: 40, event: counted(liveness(39), 4, 8) },
        { second: 40, pod: podInState(RUNNING, ERROR_A) },
      ],
      'liveness-probe',
    ],
    [
      'by an Event that names the pod without its uid',
      [
        { second: 8, event: stopOf(null) },
        { second: 10, pod: podInState(ERROR_A) },
      ],
      'graceful-stop',
    ],
    [
      'by an Event that comes later and names a static pod as its node does',
      [
        {
          second: 10,
          pod: podInState(ERROR_A, '{}', ', metadata: { annotations: { kubernetes.io/config.hash: f00d } }'),
        },
        { second: 12, event: stopOf('f00d') },
      ],
      'graceful-stop',
    ],
    ['by a deletion', [{ second: 10, pod: podInState(ERROR_A, '{}', deletion(10, 2)) }], 'deleted'],
    [
      'by a deletion of which only the last line was seen',
      [{ second: 11, type: 'DELETED', pod: podInState(ERROR_A, '{}', deletion(11, 0)) }],
      'deleted',
    ],
    [
      'by a status that the kubelet made up',
      [
        {
          second: 10,
          pod: podInState('{ terminated: { exitCode: 137, reason: ContainerStatusUnknown, finishedAt: null } }'),
        },
      ],
      'invented-status',
    ],
    [
      'by an eviction that only the Event tells',
      [
        { second: 8, event: eventYaml('Evicted', 'The node was low on resource: memory.', 8) },
        { second: 10, pod: podInState(ERROR_A) },
      ],
      'evicted',
    ],
  ])('%s', (_, moments, reason) => {
    const found = play(moments);

    expect(found).toMatchObject([{ is: 'ignored', reason }]);
  });

  test.each([
    ['EvictionByEvictionAPI', 'drained'],
    ['DeletionByTaintManager', 'drained'],
    ['PreemptionByScheduler', 'preempted'],
  ])('by %s', (condition, reason) => {
    const pod = podYaml(`
metadata: { deletionTimestamp: "2026-11-24T06:10:10Z", deletionGracePeriodSeconds: 2 }
status:
  conditions: [{ type: DisruptionTarget, status: "True", reason: ${condition} }]
  containerStatuses: [{ name: app, state: ${ERROR_A} }]
`);

    expect(play([{ second: 10, pod }])).toMatchObject([{ is: 'ignored', reason }]);
  });

  test.each([
    ['Terminated', 'node-shutdown'],
    ['Preempting', 'preempted'],
    ['DeadlineExceeded', 'deadline'],
  ])('by the pod status %s', (statusReason, reason) => {
    const pod = podYaml(
      `status: { phase: Failed, reason: ${statusReason}, containerStatuses: [{ name: app, state: ${ERROR_A} }] }`,
    );

    expect(play([{ second: 10, pod }])).toMatchObject([{ is: 'ignored', reason }]);
  });

  test.each(['Evicted', 'Terminated', 'DeadlineExceeded'])(
    'by the pod status %s only in the run that it ended: one before was ended by somebody else',
    (statusReason) => {
      const before = terminated('Error', 137, 'before', 5);
      const running = podInState(RUNNING, before);
      const ended = podYaml(
        `status: { phase: Failed, reason: ${statusReason}, containerStatuses: [{ name: app, state: ${ERROR_A}, lastState: ${before} }] }`,
      );

      const watched = play([
        { second: 6, pod: running },
        { second: 11, pod: ended },
      ]);
      const listed = play([{ second: 11, pod: ended }]);

      for (const found of [watched, listed]) {
        expect(say(found).filter((one) => !one.startsWith('eviction'))).toEqual(
          expect.arrayContaining(['suspect app before', expect.stringMatching(/^ignored .* app a$/)]),
        );
      }
    },
  );

  test.each([
    ['while the Job’s work still ran', ERROR_A, '{}', 12, 'suspect proxy a'],
    ['in a run before the last', RUNNING, ERROR_A, 12, 'suspect proxy a'],
    ['when the work had ended', ERROR_A, '{}', 10, 'ignored graceful-stop proxy a'],
  ])('a sidecar killed %s', (_, state, lastState, workEnds, expected) => {
    const pod = podYaml(`
spec: { restartPolicy: Never, initContainers: [{ name: proxy, restartPolicy: Always }] }
status:
  phase: Succeeded
  initContainerStatuses: [{ name: proxy, state: ${state}, lastState: ${lastState} }]
  containerStatuses: [{ name: app, state: ${terminated('Completed', 0, 'b', workEnds)} }]
`);

    expect(say(play([{ second: 13, pod }]))).toEqual([expected]);
  });

  test('the sidecar of a Job is stopped when the Job is done', () => {
    const pod = podYaml(`
spec: { restartPolicy: OnFailure, initContainers: [{ name: proxy, restartPolicy: Always }] }
status:
  phase: Running
  initContainerStatuses: [{ name: proxy, state: ${ERROR_A} }]
  containerStatuses: [{ name: app, state: ${terminated('Completed', 0, 'b', 5)} }]
`);

    expect(play([{ second: 10, pod }])).toMatchObject([{ is: 'ignored', reason: 'graceful-stop' }]);
  });

  test('a stopped container that was marked earlier and outlived its grace period is no kill', () => {
    const found = play([{ second: 11, pod: podInState(KILLED_A, '{}', deletion(10, 2)) }]);

    expect(found).toMatchObject([{ is: 'ignored', reason: 'sticky-reason' }]);
  });

  test('and none when only the last line of its deletion is seen besides, which has no grace period any more', () => {
    const found = play([
      { second: 11, pod: podInState(KILLED_A, '{}', deletion(10, 2)) },
      { second: 12, pod: podInState(KILLED_A, '{}', deletion(11, 0)), type: 'DELETED' },
    ]);

    expect(say(found)).toEqual(['ignored sticky-reason app a']);
  });

  test('in a grace period of a second a kill and a stop cannot be told apart: it counts', () => {
    const found = play([{ second: 11, pod: podInState(KILLED_A, '{}', deletion(10, 1)) }]);

    expect(say(found)).toEqual(['container app a']);
  });

  test.each([
    ['the pod’s', 'terminationGracePeriodSeconds: 2'],
    [
      'the probe’s',
      'containers: [{ name: app, livenessProbe: { terminationGracePeriodSeconds: 2 } }], terminationGracePeriodSeconds: 60',
    ],
  ])('a liveness kill that outlives %s grace period is no memory kill, whatever the mark says', (_, spec) => {
    const pod = podInState(RUNNING, KILLED_A, `, spec: { ${spec} }`);

    const found = play([
      { second: 8, event: liveness(8) },
      { second: 10, pod },
    ]);

    expect(found).toMatchObject([{ is: 'ignored', reason: 'sticky-reason' }]);
  });
});

describe('an order to end the run before, in the second in which the killed one began,', () => {
  const before = terminated('Completed', 143, 'a', 5);
  const killed = (endsAt: string) =>
    `{ terminated: { exitCode: 137, reason: OOMKilled, startedAt: "2026-11-24T06:10:05Z", finishedAt: "2026-11-24T06:${endsAt}Z", containerID: "containerd://b" } }`;
  const restarted = { second: 6, pod: podInState(RUNNING, before) };

  test.each<[string, readonly Moment[]]>([
    [
      'was obeyed by that one',
      [{ second: 5, event: liveness(5) }, restarted, { second: 51, pod: podInState(RUNNING, killed('10:50')) }],
    ],
    [
      'and told late',
      [restarted, { second: 7, event: liveness(5) }, { second: 51, pod: podInState(killed('10:50'), before) }],
    ],
    [
      'is long past',
      [
        { second: 5, event: liveness(5) },
        { second: 700, pod: podInState(RUNNING, killed('21:10')) },
      ],
    ],
  ])('%s', (_, moments) => {
    expect(say(play(moments))).toEqual(['container app b']);
  });
});

test('an end that the kubelet made up takes no order from the next, having no time', () => {
  const madeUp = '{ terminated: { exitCode: 137, reason: ContainerStatusUnknown } }';
  const found = play([
    { second: 6, pod: podInState(RUNNING, madeUp) },
    { second: 8, event: liveness(8) },
    { second: 9, pod: podInState(RUNNING, madeUp) },
    { second: 11, pod: podInState(ERROR_A, madeUp) },
  ]);

  expect(say(found)).toEqual(['ignored invented-status app -', 'ignored liveness-probe app a']);
});

describe('the mark of a kill under the pod limit', () => {
  const ended = (startedSecond: string) => terminated('OOMKilled', 1, 'b', 20).replace(':17Z', `:${startedSecond}Z`);
  const pod = (state: string, limits = '{}') =>
    podYaml(`
spec: { resources: { limits: { memory: 96Mi } }, containers: [{ name: a, resources: { limits: ${limits} } }, { name: b }] }
status: { containerStatuses: [{ name: a, state: ${RUNNING}, lastState: ${KILLED_A} }, { name: b, state: ${state} }] }
`);

  test.each([
    ['a sibling that ran then was never killed', '05', '{}', 'ignored sticky-reason b b'],
    ['a sibling that started later has its own', '15', '{}', 'child-process b b'],
    ['a kill under the own limit marks nobody else', '05', '{ memory: 32Mi }', 'child-process b b'],
  ])('%s', (_, started, limits, expected) => {
    const found = play([
      { second: 11, pod: pod(RUNNING, limits) },
      { second: 20, pod: pod(ended(started), limits) },
    ]);

    expect(say(found)).toEqual(['container a a', expected]);
  });

  test('the next run of the killed container itself has its own', () => {
    const next = terminated('OOMKilled', 1, 'c', 13);
    const after = podYaml(`
spec: { resources: { limits: { memory: 96Mi } }, containers: [{ name: a }, { name: b }] }
status: { containerStatuses: [{ name: a, state: ${next}, lastState: ${KILLED_A} }, { name: b, state: ${RUNNING} }] }
`);

    expect(say(play([{ second: 13, pod: after }]))).toEqual(['container a a', 'child-process a c']);
  });
});

describe('an exit that nothing explains', () => {
  test('is a suspect when the window is over', () => {
    const detector = createDetector({ cluster: 'prod', windowMs: 10_000 });

    const first = detector.pod('MODIFIED', podInState(ERROR_A), { atMs: atMs(11) });
    const pending = detector.oldestPending();
    const before = detector.tick(atMs(20));
    const after = detector.tick(atMs(21));

    expect([first, before]).toEqual([[], []]);
    expect(pending).toEqual({ atMs: atMs(11), resourceVersion: '100' });
    expect(after).toMatchObject([{ is: 'kill', kill: { suspect: true, kind: 'container', exitCode: 137 } }]);
    expect(detector.oldestPending()).toBeNull();
  });

  test.each([
    ['pending', 12],
    ['a suspect already', 59],
  ])('becomes a kill under the same fingerprint when OOMKilled comes while it is %s', (_, second) => {
    const found = play([
      { second: 11, pod: podInState(ERROR_A) },
      { second, pod: podInState(RUNNING, KILLED_A) },
    ]);

    expect(found.at(-1)?.kill).toMatchObject({ suspect: false, reason: 'OOMKilled' });
    expect(new Set(found.map(({ kill }) => kill.fingerprint)).size).toBe(1);
  });

  test('is taken back when the Event comes late', () => {
    const found = play([
      { second: 11, pod: podInState(RUNNING, ERROR_A) },
      { second: 40, event: liveness(8) },
    ]);

    expect(found.at(-1)).toMatchObject({ is: 'ignored', reason: 'liveness-probe' });
  });

  test('is not explained by a deletion that came after it', () => {
    const found = play([
      { second: 11, pod: podInState(ERROR_A) },
      { second: 12, pod: podInState(ERROR_A, '{}', deletion(42, 30)) },
      { second: 13, pod: podInState(ERROR_A, '{}', deletion(13, 0)), type: 'DELETED' },
    ]);

    expect(say(found)).toEqual(['suspect app a']);
  });

  test.each([
    ['that has been seen by then', 11],
    ['that is seen later, as in a list', 13],
  ])('is not explained by an order that came after the exit, %s', (_, seenSecond) => {
    const found = play(
      [
        { second: 12, event: liveness(12) },
        { second: seenSecond, pod: podInState(RUNNING, ERROR_A) },
      ].toSorted((a, b) => a.second - b.second),
    );

    expect(say(found)).toEqual(['suspect app a']);
  });

  test.each([
    ['an order to another run of the container', [{ second: 2, event: liveness(2) }]],
    [
      'an order to another container',
      [{ second: 8, event: eventYaml('Killing', 'Stopping container proxy', 8, 'proxy') }],
    ],
    [
      'a deletion that was called off',
      [{ second: 8, event: eventYaml('TaintManagerEviction', 'Cancelling deletion of Pod shop/web-1', 8) }],
    ],
    ['an Event with the name of a method', [{ second: 8, event: eventYaml('toString', 'constructor', 8) }]],
    ['a failed readiness probe', [{ second: 8, event: eventYaml('Unhealthy', 'Readiness probe failed: x', 8) }]],
    ['failed probes that one Event counts since an earlier run', [{ second: 8, event: counted(failedProbe(8), 3, 2) }]],
    ['one failed liveness probe', [{ second: 8, event: eventYaml('Unhealthy', 'Liveness probe failed: x', 8) }]],
    [
      'probes that could not be made, which the kubelet counts for nothing',
      [7, 8, 9].map((second) => ({
        second,
        event: eventYaml('Unhealthy', 'Liveness probe errored and resulted in unknown state: rpc error', second),
      })),
    ],
    [
      'probes that failed often enough, as they do where memory is short, before the kubelet’s SIGKILL was due',
      [7, 8, 9].map((second) => ({ second, event: failedProbe(second) })),
    ],
    [
      'failures of two probes, too few of each',
      [
        { second: 7, event: eventYaml('Unhealthy', 'Startup probe failed: x', 7) },
        { second: 8, event: eventYaml('Unhealthy', 'Startup probe failed: x', 8) },
        { second: 9, event: failedProbe(9) },
      ],
    ],
  ])('is not explained by %s', (_, moments) => {
    const found = play([...moments, { second: 10, pod: podInState(RUNNING, ERROR_A) }]);

    expect(say(found)).toEqual(['suspect app a']);
  });

  test('is not explained by a service that takes its time to start: its startup probe may fail more often', () => {
    const found = play([
      ...[7, 8, 9].map((second) => ({
        second,
        event: eventYaml('Unhealthy', `Startup probe failed: ${second}`, second),
      })),
      {
        second: 10,
        pod: podInState(
          RUNNING,
          ERROR_A,
          ', spec: { containers: [{ name: app, startupProbe: { failureThreshold: 30 } }] }',
        ),
      },
    ]);

    expect(say(found)).toEqual(['suspect app a']);
  });

  test.each<[string, Moment['event']]>([
    ['an order whose grace period was over long before: the run that it ended began in the same second', liveness(2)],
    ['probes that failed long before', counted(failedProbe(5), 3, 3)],
  ])('is not explained by %s', (_, event) => {
    const later = terminated('Error', 137, 'a', 55).replace(':52Z', ':02Z').replace('10:55Z', '20:55Z');

    const found = play([
      { second: 5, event },
      { second: 655, pod: podInState(RUNNING, later, ', spec: { terminationGracePeriodSeconds: 5 }') },
    ]);

    expect(say(found)).toEqual(['suspect app a']);
  });

  test('of a runtime that gave up while it was told to end because its probe failed is its own doing', () => {
    const gaveUp = podInState(RUNNING, terminated('Error', 134, 'a', 10));

    const early = play([
      { second: 8, event: liveness(8) },
      { second: 10, pod: gaveUp },
    ]);
    const late = play([
      { second: 10, pod: gaveUp },
      { second: 12, event: liveness(8) },
    ]);

    for (const found of [early, late]) expect(say(found)).toEqual(['suspect app a']);
  });

  test('is not explained by a status with the name of a method', () => {
    const pod = podYaml(`status: { reason: constructor, containerStatuses: [{ name: app, state: ${ERROR_A} }] }`);

    expect(say(play([{ second: 11, pod }]))).toEqual(['suspect app a']);
  });

  test('needs an order of its own: one stop explains one termination', () => {
    const again = terminated('Error', 137, 'b', 10);

    const found = play([
      { second: 8, event: liveness(8) },
      { second: 10, pod: podInState(RUNNING, ERROR_A) },
      { second: 11, pod: podInState(again, ERROR_A) },
    ]);

    expect(say(found)).toEqual(['ignored liveness-probe app a', 'suspect app b']);
  });

  test('does not wait for its window when too many are waiting', () => {
    const other = podInState(terminated('Error', 137, 'b', 11), ERROR_A);
    const detector = createDetector({ cluster: 'prod', maxKnown: 10 });
    detector.pod('MODIFIED', other, { atMs: atMs(11) });

    const found = detector.tick(atMs(11));

    expect(say(found)).toEqual(['suspect app a']);
  });
});
