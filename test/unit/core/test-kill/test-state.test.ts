import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { testState } from '../../../../src/core/test-kill/test-state.ts';

const at = "startedAt: '2026-11-30T21:00:00Z', finishedAt: '2026-11-30T21:00:02Z'";
const inState = (state: string, more = ''): unknown =>
  parse(`{ spec: { nodeName: n1 }, status: { ${more} containerStatuses: [{ name: try-kill, state: ${state} }] } }`);

test.each([
  ['no node yet', parse('{ spec: {}, status: { phase: Pending } }'), 'for a node'],
  [
    'no node has room',
    parse(
      '{ spec: {}, status: { conditions: [{ type: PodScheduled, status: "False", reason: Unschedulable, message: "0/3 nodes are available." }] } }',
    ),
    'for a node (Unschedulable: 0/3 nodes are available)',
  ],
  [
    'its image is being pulled',
    inState('{ waiting: { reason: ContainerCreating } }'),
    'for its container to start on n1',
  ],
  [
    'the first pull failed and is tried again',
    inState('{ waiting: { reason: ErrImagePull } }'),
    'for its container to start on n1',
  ],
])('it waits: %s', (_, pod, why) => {
  expect(testState(pod)).toEqual({ is: 'waiting', why });
});

test('it runs', () => {
  expect(testState(inState("{ running: { startedAt: '2026-11-30T21:00:00Z' } }"))).toEqual({ is: 'running' });
});

test.each([
  ['as it should be', `{ terminated: { exitCode: 137, reason: OOMKilled, ${at} } }`, 'OOMKilled'],
  ['a runtime that says Error first', `{ terminated: { exitCode: 137, reason: Error, ${at} } }`, 'Error'],
  [
    'while it started',
    `{ terminated: { exitCode: 128, reason: StartError, message: 'container init was OOM-killed (memory limit too low?)', ${at} } }`,
    'StartError',
  ],
])('it was killed: %s', (_, state, reason) => {
  expect(testState(inState(state))).toMatchObject({
    is: 'killed',
    at: Date.UTC(2026, 10, 30, 21, 0, 2),
    reason,
    node: 'n1',
  });
});

test.each([
  ['gone', null, 'gone', /deleted the pod/],
  [
    'lived',
    inState(`{ terminated: { exitCode: 0, reason: Completed, ${at} } }`),
    'survived',
    /64Mi under a limit of 32Mi/,
  ],
  [
    'no sh',
    inState(`{ terminated: { exitCode: 128, reason: StartError, message: 'exec: "sh": not found', ${at} } }`),
    'other-exit',
    /exit code 128 .*"sh": not found.*--image/,
  ],
  ['no dd', inState(`{ terminated: { exitCode: 127, reason: Error, ${at} } }`), 'other-exit', /needs sh, sleep and dd/],
  [
    'no image',
    inState('{ waiting: { reason: ImagePullBackOff, message: \'Back-off pulling image "x"\' } }'),
    'image',
    /ImagePullBackOff: Back-off pulling image "x".*--image/,
  ],
  [
    'evicted',
    parse('{ spec: { nodeName: n1 }, status: { phase: Failed, reason: Evicted, message: low on memory } }'),
    'refused-by-node',
    /Evicted: low on memory/,
  ],
  [
    'took too long',
    parse('{ spec: { nodeName: n1 }, status: { phase: Failed, reason: DeadlineExceeded } }'),
    'refused-by-node',
    /DeadlineExceeded/,
  ],
])('it was not killed: %s', (_, pod, why, words) => {
  expect(testState(pod)).toEqual({ is: 'not-killed', why, words: expect.stringMatching(words) });
});
