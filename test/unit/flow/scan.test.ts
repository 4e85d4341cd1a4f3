import { expect, test } from 'vitest';
import type { Findings } from '../../../src/core/evidence/evidence.ts';
import type { Kill } from '../../../src/core/kill/kill.ts';
import { scan } from '../../../src/flow/scan.ts';
import type { Scan, ScanNeeds } from '../../../src/flow/scan.ts';
import { findingsOf, runBefore, Mi, nothingFound } from '../../fixtures/findings.ts';
import { atMs, eventYaml, podInState, podYaml, terminated } from '../core/kill/pod-yaml.ts';

const running = '{ running: {} }';
const liveness = eventYaml('Killing', 'Container app failed liveness probe, will be restarted', 8);

interface World {
  readonly pods?: readonly unknown[];
  /** What a look at the Events finds, by its number from 0; the last stands for all that follow. */
  readonly events?: readonly (readonly unknown[])[];
  readonly notes?: readonly string[];
  readonly findings?: (kill: Kill) => Findings;
  /** ms UTC */
  readonly now?: () => number;
}

async function look({ pods = [], events = [[]], notes = [], findings, now = () => atMs(50) }: World) {
  const steps: string[] = [];
  let looks = 0;
  const asked: Kill[] = [];
  const needs: ScanNeeds = {
    cluster: 'prod',
    pods: async (each) => {
      pods.forEach(each);
      return [];
    },
    events: async (each) => {
      (events[looks] ?? events.at(-1) ?? []).forEach(each);
      looks += 1;
      return notes;
    },
    reader: {
      findings: async (kill) => {
        if (kill.kind === 'ahead') throw new Error('nothing is at risk here');
        asked.push(kill);
        return findings?.(kill) ?? nothingFound('was not asked');
      },
    },
    now,
    progress: (step) => steps.push(step),
  };
  const found = await scan(needs);
  return { found, asked, steps, looks: () => looks };
}

const said = ({ rows }: Scan): readonly string[] =>
  rows.map(({ kill, kills, said: words }) => `${kill.pod} x${kills} ${words.is}`);

test('both kills that a pod shows are one row, with the newest and the time of each', async () => {
  const pod = podInState(terminated('OOMKilled', 137, 'b', 30), terminated('OOMKilled', 137, 'a', 10));

  const { found, asked, steps } = await look({ pods: [pod] });

  expect(said(found)).toEqual(['web-1 x2 explained']);
  expect(found.rows[0]).toMatchObject({ firstKilledAt: atMs(10), lastKilledAt: atMs(30) });
  expect(found.pods).toBe(1);
  expect(asked).toHaveLength(1);
  expect(steps).toEqual(['reading Events', 'reading pods', 'looking for the causes']);
});

test('the pods of one workload are one row; the newest come first and undecided ones last', async () => {
  const replica = (name: string, uid: string, state: string): unknown =>
    podYaml(`
metadata:
  name: ${name}
  uid: ${uid}
  ownerReferences: [{ kind: StatefulSet, name: db, controller: true, uid: s1 }]
status: { containerStatuses: [{ name: app, restartCount: 0, state: ${running}, lastState: ${state} }] }`);
  const pods = [
    replica('db-0', 'u0', terminated('OOMKilled', 137, 'a', 10)),
    replica('db-1', 'u1', terminated('OOMKilled', 137, 'b', 20)),
    podInState(running, terminated('OOMKilled', 137, 'c', 30)),
    podYaml(`
metadata: { name: odd, uid: u3 }
status: { containerStatuses: [{ name: app, restartCount: 0, state: ${running}, lastState: ${terminated('Error', 137, 'd', 40)} }] }`),
  ];

  const { found } = await look({ pods });

  expect(said(found)).toEqual(['web-1 x1 explained', 'db-1 x2 explained', 'odd x1 undecided']);
});

test('an exit that an Event explains is no kill, also when the Event came after the first look at them', async () => {
  const pod = podInState(running, terminated('Error', 137, 'a', 10));

  const before = await look({ pods: [pod], events: [[liveness]] });
  const after = await look({ pods: [pod], events: [[], [liveness]] });

  expect([before.found.rows, after.found.rows]).toEqual([[], []]);
  expect([before.looks(), after.looks()]).toEqual([1, 2]);
});

test('an Event that explains an exit takes it back, however long the list of pods took', async () => {
  const pod = podInState(running, terminated('Error', 137, 'a', 10));
  let at = atMs(50);
  const now = (): number => (at += 30_000);

  const { found } = await look({ pods: [pod, podYaml('metadata: { uid: u2 }')], events: [[], [{}, liveness]], now });

  expect(found.rows).toEqual([]);
});

test('Events are read twice only where something is unexplained', async () => {
  const { looks } = await look({ pods: [podInState(running, terminated('OOMKilled', 137, 'a', 10))] });

  expect(looks()).toBe(1);
});

test('a stopped container with the mark of an earlier kill is no kill: the Events come before the pods', async () => {
  const stopped = podInState(
    terminated('OOMKilled', 137, 'a', 49),
    '{}',
    ', spec: { terminationGracePeriodSeconds: 2 }',
  );
  const stop = eventYaml('Killing', 'Stopping container app', 47);

  const { found } = await look({ pods: [stopped], events: [[stop]] });

  expect(found.rows).toEqual([]);
});

test('an unexplained exit at the limit is a kill; far below it, or without usage, it is not decided, and why is said', async () => {
  const pod = podInState(running, terminated('Error', 137, 'a', 10));
  const usage = (share: number) => (kill: Kill) => findingsOf([runBefore(kill, () => 64 * share, 1_000)]);

  const [near, far, unknown] = await Promise.all([
    look({ pods: [pod], findings: usage(0.97) }),
    look({ pods: [pod], findings: usage(0.3) }),
    look({ pods: [pod] }),
  ]);

  expect(said(near.found)).toEqual(['web-1 x1 explained']);
  expect(near.found.rows[0]?.lastSample?.bytes).toBe(64 * 0.97 * Mi);
  expect(far.found.rows[0]?.said).toMatchObject({ is: 'undecided', why: expect.stringContaining('not at its limit') });
  expect(unknown.found.rows[0]?.said).toMatchObject({ is: 'undecided', why: expect.stringContaining('was not asked') });
});

test('a suspect beside a sure kill of the same container is not counted', async () => {
  const pod = podInState(terminated('Error', 137, 'b', 30), terminated('OOMKilled', 137, 'a', 10));

  const { found } = await look({ pods: [pod] });

  expect(said(found)).toEqual(['web-1 x1 explained']);
  expect(found.rows[0]?.lastKilledAt).toBe(atMs(10));
});

test('an evicted pod is a row of its own, without a container', async () => {
  const evicted = podYaml(`
status:
  phase: Failed
  reason: Evicted
  message: 'The node was low on resource: memory. Threshold quantity: 100Mi, available: 90Mi.'
  conditions: [{ type: DisruptionTarget, status: "True", reason: TerminationByKubelet, lastTransitionTime: "2026-11-24T06:10:20Z" }]`);

  const { found } = await look({ pods: [evicted] });

  expect(found.rows).toMatchObject([{ kill: { kind: 'eviction', subject: { container: null } }, kills: 1 }]);
});

test('what is missing is named with its reason, and notes are handed on', async () => {
  const pod = podInState(running, terminated('OOMKilled', 137, 'a', 10));

  const { found, looks } = await look({ pods: [pod], notes: ['Events could not be read'] });

  expect(found.rows[0]?.missing.map(({ what }) => what)).toEqual(['spec', 'restarts', 'usage', 'log', 'rollout']);
  expect(found.rows[0]?.missing[0]?.reason).toBe('was not asked');
  expect(found.notes).toEqual(['Events could not be read']);
  expect(looks()).toBe(1);
});

test.each([
  ['nothing at all', undefined],
  ['a number', 7],
  ['a pod without a status', podYaml('{}')],
  [
    'a kill whose times are none',
    podInState(
      running,
      '{ terminated: { exitCode: 137, reason: OOMKilled, startedAt: 7, finishedAt: soon, containerID: "c" } }',
    ),
  ],
  [
    'a limit that is none',
    podYaml(`
spec: { containers: [{ name: app, resources: { limits: { memory: much } } }] }
status: { containerStatuses: [{ name: app, restartCount: NaN, state: ${running}, lastState: ${terminated('OOMKilled', 137, 'a', 10)} }] }`),
  ],
])('%s does not stop it', async (_, object) => {
  const { found } = await look({ pods: [object, podInState(running, terminated('OOMKilled', 137, 'z', 10))] });

  expect(found.rows.length).toBeGreaterThan(0);
  expect(found.rows.filter(({ lastKilledAt }) => !Number.isFinite(lastKilledAt))).toEqual([]);
});
