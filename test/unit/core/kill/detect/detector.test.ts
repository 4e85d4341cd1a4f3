import { describe, expect, test } from 'vitest';
import { createDetector } from '../../../../../src/core/kill/detect/detector.ts';
import { killSchema } from '../../../../../src/core/kill/kill.ts';
import { atMs, podInState, podYaml, terminated } from '../pod-yaml.ts';
import { play, say } from '../timeline.ts';

const RUNNING = '{ running: {} }';
const KILLED_A = terminated('OOMKilled', 137, 'a', 10);
const KILLED_B = terminated('OOMKilled', 137, 'b', 10);
const ERROR_A = terminated('Error', 137, 'a', 10);

describe('kills', () => {
  test('one termination is one kill, in state, in lastState, and after every back-off', () => {
    const found = play([
      { second: 11, pod: podInState(KILLED_A) },
      { second: 11, pod: podInState(KILLED_A) },
      { second: 12, pod: podInState(RUNNING, KILLED_A) },
      { second: 30, pod: podInState('{ waiting: { reason: CrashLoopBackOff } }', KILLED_A) },
      { second: 31, pod: podInState(RUNNING, KILLED_A), type: 'DELETED' },
    ]);

    expect(say(found)).toEqual(['container app a']);
  });

  test('a kill that only lastState shows counts', () => {
    expect(say(play([{ second: 11, pod: podInState(RUNNING, KILLED_A) }]))).toEqual(['container app a']);
  });

  test('state and lastState can be two kills, within one second', () => {
    expect(say(play([{ second: 11, pod: podInState(KILLED_B, KILLED_A) }]))).toEqual([
      'container app a',
      'container app b',
    ]);
  });

  test('the object of a DELETED line is read too', () => {
    expect(say(play([{ second: 11, pod: podInState(KILLED_A), type: 'DELETED' }]))).toEqual(['container app a']);
  });

  test('a kill during a deletion is a kill', () => {
    expect(
      say(
        play([
          {
            second: 11,
            pod: podInState(
              KILLED_A,
              '{}',
              `, metadata: { deletionTimestamp: "2026-11-24T06:10:40Z", deletionGracePeriodSeconds: 30 }`,
            ),
          },
        ]),
      ),
    ).toEqual(['container app a']);
  });

  test('a kill has the channel that an annotation of its pod names, however long', () => {
    const channelOf = (name: string) =>
      play([
        {
          second: 11,
          pod: podInState(KILLED_A, '{}', `, metadata: { annotations: { oomkeeper.dev/channel: "${name}" } }`),
        },
      ])[0]?.kill.channel;

    expect(channelOf('#team-shop')).toBe('team-shop');
    expect(channelOf('x'.repeat(9_000))?.length).toBe(253);
    expect(play([{ second: 11, pod: podInState(KILLED_A) }])[0]?.kill).not.toHaveProperty('channel');
  });

  test('init containers, sidecars and ephemeral containers have kills', () => {
    const pod = podYaml(`
spec: { initContainers: [{ name: migrate }, { name: proxy, restartPolicy: Always }] }
status:
  initContainerStatuses: [{ name: migrate, state: ${KILLED_A} }, { name: proxy, state: ${KILLED_B} }]
  ephemeralContainerStatuses: [{ name: debug, state: ${terminated('OOMKilled', 137, 'c', 12)} }]
`);

    const found = play([{ second: 12, pod }]);

    expect(found.map(({ kill }) => kill.containerType)).toEqual(['init', 'sidecar', 'ephemeral']);
  });

  test('a kill at the start is of kind start', () => {
    const failed = terminated('StartError', 128, 'a', 10).replace(
      'exitCode',
      'message: "container init was OOM-killed (memory limit too low?)", exitCode',
    );

    expect(say(play([{ second: 11, pod: podInState(RUNNING, failed) }]))).toEqual(['start app a']);
  });

  test('a kill before there is a container is one, however often the kubelet tries again', () => {
    const refused = (message: string) => `{ waiting: { reason: CreateContainerError, message: "${message}" } }`;
    const killed = refused(
      'container create failed: runc create failed: unable to start container process: container init was OOM-killed (memory limit too low?)',
    );

    const found = play([
      { second: 11, pod: podInState(killed) },
      { second: 12, pod: podInState('{ waiting: { reason: ContainerCreating } }') },
      { second: 25, pod: podInState(killed, KILLED_A) },
      { second: 26, pod: podInState(refused('context deadline exceeded')) },
    ]);

    expect(say(found)).toEqual(['start app -', 'container app a']);
    expect(found[0]?.kill).toMatchObject({ exitCode: 128, reason: 'CreateContainerError', finishedAt: null });
  });

  test('a memory eviction is a kill of the pod, and its 137 is explained by it', () => {
    const message = 'The node was low on resource: memory.';
    const pod = podYaml(
      `status: { phase: Failed, reason: Evicted, message: "${message}", containerStatuses: [{ name: app, state: ${ERROR_A} }] }`,
    );

    expect(
      say(
        play([
          { second: 11, pod },
          { second: 12, pod },
        ]),
      ),
    ).toEqual(['ignored evicted app a', 'eviction pod -']);
  });

  test('an eviction that no condition dates happened when the last container ended', () => {
    const pod = podYaml(
      `status: { phase: Failed, reason: Evicted, message: "The node was low on resource: memory.", containerStatuses: [{ name: app, state: ${ERROR_A} }] }`,
    );

    const found = play([{ second: 50, pod }]);

    expect(found.at(-1)?.kill).toMatchObject({ kind: 'eviction', finishedAt: '2026-11-24T06:10:10Z' });
  });

  test('a kill of a static pod is one, although its mirror in the API is made anew', () => {
    const mirror = (uid: string) =>
      podInState(
        RUNNING,
        KILLED_A,
        `, metadata: { uid: ${uid}, annotations: { kubernetes.io/config.hash: f00d }, ownerReferences: [{ kind: Node, name: node-1, controller: true }] }`,
      );

    expect(
      say(
        play([
          { second: 11, pod: mirror('one') },
          { second: 12, pod: mirror('one'), type: 'DELETED' },
          { second: 13, pod: mirror('two'), type: 'ADDED' },
        ]),
      ),
    ).toEqual(['container app a']);
  });

  test('a kill is complete and fits its schema', () => {
    const pod = podYaml(`
metadata: { labels: { app: web, pod-template-hash: 7c9 }, ownerReferences: [{ kind: ReplicaSet, name: web-7c9, controller: true }] }
status:
  qosClass: Burstable
  resources: { limits: { memory: 48Mi } }
  containerStatuses: [{ name: app, restartCount: 4, state: ${KILLED_A}, resources: { limits: { memory: 96Mi }, requests: { memory: 32Mi } } }]
`);

    const [found] = play([{ second: 11, pod }]);

    expect(killSchema.parse(found?.kill)).toMatchObject({
      subject: { cluster: 'prod', namespace: 'shop', workload: { kind: 'Deployment', name: 'web' }, container: 'app' },
      limitBytes: 96 * 1024 ** 2,
      limitInForceBytes: 48 * 1024 ** 2,
      requestBytes: 32 * 1024 ** 2,
      revision: '7c9',
      image: 'shop/web:1',
      restartCount: 4,
      seenAt: atMs(11),
    });
  });

  test('the limit of the whole pod is in force where the container has none', () => {
    const [found] = play([
      {
        second: 11,
        pod: podInState(
          KILLED_A,
          '{}',
          ', spec: { resources: { limits: { memory: 96Mi } }, containers: [{ name: app }] }',
        ),
      },
    ]);

    expect(found?.kill).toMatchObject({ limitBytes: null, limitInForceBytes: 96 * 1024 ** 2 });
  });

  test('an unreadable limit does not hide a kill', () => {
    const pod = podInState(
      KILLED_A,
      '{}',
      ', spec: { containers: [{ name: app, resources: { limits: { memory: lots } } }] }',
    );

    const [found] = play([{ second: 11, pod }]);

    expect(found).toMatchObject({
      is: 'kill',
      kill: { limitBytes: null },
      problems: [expect.stringContaining('lots')],
    });
  });
});

describe('what leaves no trace', () => {
  test.each(['BOOKMARK', 'ERROR', 'UNKNOWN'])('a line of type %s', (type) => {
    expect(play([{ second: 1, pod: podInState(KILLED_A), type }])).toEqual([]);
  });

  test.each([null, 'text', 7, [], {}, { metadata: {} }])('an object that is no pod: %j', (pod) => {
    expect(play([{ second: 1, pod }])).toEqual([]);
  });

  test('a termination that is older than asked for', () => {
    const detector = createDetector({ cluster: 'prod' });
    const pod = podInState(KILLED_B, terminated('OOMKilled', 137, 'a', 5));

    const found = detector.pod('ADDED', pod, { atMs: atMs(30), initial: true, notBeforeMs: atMs(10) });

    expect(say(found)).toEqual(['container app b']);
    expect(found[0]?.kill.startedBeforeWatch).toBe(true);
  });

  test('pods that were never killed, and kills beyond the bound', () => {
    const detector = createDetector({ cluster: 'prod', maxKnown: 3 });
    const kill = (id: number) => podInState(terminated('OOMKilled', 137, `kill-${id}`, 10));
    for (let id = 0; id < 10; id += 1) detector.pod('MODIFIED', kill(id), { atMs: atMs(11) });

    const newest = detector.pod('MODIFIED', kill(9), { atMs: atMs(12) });
    const oldest = detector.pod('MODIFIED', kill(0), { atMs: atMs(12) });

    expect([newest.length, oldest.length]).toEqual([0, 1]);
  });
});

describe('what the kernel says of single processes', () => {
  const uid = '11111111-2222-3333-4444-555555555555';
  const run = 'a'.repeat(64);
  const running = (second: number) =>
    podInState(`{ running: { startedAt: "2026-11-24T06:10:0${second}Z" } }, containerID: "containerd://${run}"`);
  const report = (pid: number, second: number) => ({
    kind: 'Event',
    involvedObject: { kind: 'Node', name: 'node-1' },
    reason: 'OOMKilling',
    message: `task_memcg=/kubepods/burstable/pod${uid}/${run},task=java,pid=${pid},uid=0 anon-rss:1024kB`,
    lastTimestamp: new Date(atMs(second)).toISOString(),
  });
  const detect = () => createDetector({ cluster: 'prod' });

  test('is a child’s kill when the container has not ended after 5 s, with what the process held', () => {
    const detector = detect();
    const pod = running(1);

    const found = [
      ...detector.event('ADDED', report(7, 10), { atMs: atMs(10) }, () => pod),
      ...detector.tick(atMs(14)),
      ...detector.tick(atMs(15)),
      ...detector.event('ADDED', report(7, 10), { atMs: atMs(16) }, () => pod),
      ...detector.tick(atMs(30)),
    ];

    expect(found.map(({ kill }) => killSchema.parse(kill))).toMatchObject([
      {
        kind: 'child-process',
        containerId: `containerd://${run}`,
        victim: { process: 'java', pid: 7, rssBytes: 1_048_576 },
        finishedAt: '2026-11-24T06:10:10Z',
        limitBytes: 64 * 2 ** 20,
      },
    ]);
  });

  test('is the container’s own kill when its status says so', () => {
    const detector = detect();

    const found = [
      ...detector.event('ADDED', report(7, 10), { atMs: atMs(10) }, () => running(1)),
      ...detector.pod('MODIFIED', podInState(terminated('OOMKilled', 137, run, 10)), { atMs: atMs(11) }),
      ...detector.flush(atMs(60)),
    ];

    expect(say(found)).toEqual([`container app ${run}`]);
  });

  test.each(['OOMKilled', 'Error'])(
    'is the same kill as the container’s own (%s) that a busy node tells of late',
    (reason) => {
      const detector = detect();
      const ended = podInState(terminated(reason, 137, run, 10));

      const found = [
        ...detector.event('ADDED', report(7, 10), { atMs: atMs(10) }, () => running(1)),
        ...detector.tick(atMs(20)),
        ...detector.pod('MODIFIED', ended, { atMs: atMs(21) }),
        ...detector.pod('MODIFIED', podInState(RUNNING, terminated(reason, 137, run, 10)), { atMs: atMs(31) }),
        ...detector.flush(atMs(60)),
      ];

      expect(say(found)).toEqual([`child-process app ${run}`, `container app ${run}`]);
      expect(new Set(found.map(({ kill }) => kill.fingerprint)).size).toBe(1);
      expect(found.map(({ kill }) => kill.victim?.pid)).toEqual([7, 7]);
    },
  );

  test('is another kill than the container’s own half a minute later', () => {
    const detector = detect();

    const found = [
      ...detector.event('ADDED', report(7, 10), { atMs: atMs(10) }, () => running(1)),
      ...detector.tick(atMs(20)),
      ...detector.pod('MODIFIED', podInState(terminated('OOMKilled', 137, run, 40)), { atMs: atMs(41) }),
    ];

    expect(new Set(found.map(({ kill }) => kill.fingerprint)).size).toBe(2);
  });

  test('makes an unexplained SIGKILL of that run a kill', () => {
    const detector = detect();

    const found = [
      ...detector.pod('MODIFIED', podInState(terminated('Error', 137, run, 10)), { atMs: atMs(11) }),
      ...detector.event('ADDED', report(7, 10), { atMs: atMs(12) }, () => running(1)),
      ...detector.flush(atMs(60)),
    ];

    expect(say(found)).toEqual([`container app ${run}`]);
  });

  test('says nothing about a SIGKILL of that run a minute later, however often the Event is listed again', () => {
    const detector = detect();

    const found = [
      ...detector.event('ADDED', report(7, 10), { atMs: atMs(10) }, () => running(1)),
      ...detector.tick(atMs(20)),
      ...detector.pod('MODIFIED', podInState(terminated('Error', 137, run, 50)), { atMs: atMs(51) }),
      ...detector.event('ADDED', report(7, 10), { atMs: atMs(52) }, () => running(1)),
      ...detector.flush(atMs(120)),
    ];

    expect(say(found)).toEqual([`child-process app ${run}`, `suspect app ${run}`]);
  });

  test('about the limit of all pods is a kill of the node beside the container’s own', () => {
    const detector = detect();
    const { message, ...event } = report(7, 10);
    const above = { ...event, message: `oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/kubepods,${message}` };

    const found = [
      ...detector.pod('MODIFIED', podInState(terminated('OOMKilled', 137, run, 10)), { atMs: atMs(11) }),
      ...detector.event('ADDED', above, { atMs: atMs(12) }, () => running(1)),
      ...detector.event('ADDED', above, { atMs: atMs(13) }, () => running(1)),
      ...detector.flush(atMs(60)),
    ];

    expect(found.map(({ kill }) => [kill.kind, kill.outOf, kill.subject.workload.kind])).toEqual([
      ['container', undefined, 'Pod'],
      ['node', 'allocatable', 'Node'],
    ]);
    expect(found.at(-1)?.kill).toMatchObject({ suspect: false, containerId: run, podUid: uid });
  });

  test('is left alone when it is older than what counts', () => {
    const detector = detect();
    const sighting = { atMs: atMs(30), initial: true, notBeforeMs: atMs(20) };

    detector.event('ADDED', report(7, 10), sighting, () => running(1));

    expect(detector.flush(atMs(60))).toEqual([]);
  });
});

describe('ends by which a runtime may give up', () => {
  test.each([
    [134, false, ['suspect app a']],
    [139, false, ['suspect app a']],
    [3, false, ['suspect app a']],
    [1, false, []],
    [1, true, ['suspect app a']],
    [2, true, ['suspect app a']],
    [126, true, []],
  ])('exit code %i, weak exits %s: %j', (exitCode, weakExits, expected) => {
    const detector = createDetector({ cluster: 'prod', weakExits });

    const found = [
      ...detector.pod('MODIFIED', podInState(terminated('Error', exitCode, 'a', 10)), { atMs: atMs(11) }),
      ...detector.flush(),
    ];

    expect(say(found)).toEqual(expected);
    expect(found.filter(({ kill }) => kill.kind !== 'self')).toEqual([]);
  });
});

describe('restarts that nobody saw', () => {
  const pod = (restartCount: number, lastState: string, state = RUNNING) =>
    podYaml(
      `{ status: { phase: Running, containerStatuses: [{ name: app, restartCount: ${restartCount}, state: ${state}, lastState: ${lastState} }] } }`,
    );
  const unseen = (pods: readonly unknown[]) =>
    play(pods.map((one, index) => ({ second: 11 + index, pod: one }))).map(({ kill }) => kill.unseenRestarts ?? 0);

  test.each([
    ['the first kill of a container', [pod(0, '{}', KILLED_A), pod(1, KILLED_A)], [0]],
    ['two kills, each seen', [pod(1, KILLED_A), pod(1, KILLED_A, KILLED_B), pod(2, KILLED_B)], [0, 0]],
    ['a kill after three restarts', [pod(4, KILLED_A)], [3]],
    ['a gap between two kills', [pod(1, KILLED_A), pod(5, KILLED_B)], [0, 3]],
    [
      'an end in between that was no kill',
      [pod(1, KILLED_A), pod(2, terminated('Error', 1, 'x', 11)), pod(3, KILLED_B)],
      [0, 0],
    ],
  ])('%s', (_, pods, expected) => {
    expect(unseen(pods)).toEqual(expected);
  });
});
