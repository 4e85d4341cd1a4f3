import { expect, test } from 'vitest';
import { nodeOomOf, nodeOomWords } from '../../../../../src/core/evidence/node/node-oom.ts';
import { nodeKill } from '../../../../../src/core/kill/detect/make-kill.ts';
import type { OomReport } from '../../../../../src/core/kill/detect/oom-report.ts';
import { killAt, killedAt } from '../../../../fixtures/findings.ts';

const killedId = 'a'.repeat(64);
const kill = killAt(killedAt, 60_000, { containerId: `containerd://${killedId}`, podUid: 'pod-1' });

function told(seconds: number, containerId: string | null, changes: Partial<OomReport> = {}) {
  const atMs = killedAt + seconds * 1_000;
  const report: OomReport = {
    node: 'node-1',
    atMs,
    victim: { process: 'java', pid: 7, rssBytes: null },
    scope: 'node',
    place: containerId === null ? null : { podUid: 'pod-1', containerId },
    isAbovePods: true,
    ...changes,
  };
  const origin = { cluster: 'prod', fingerprint: `${atMs}`, startedBeforeWatch: false, seenAtMs: atMs };
  return nodeKill(origin, report, { pod: null, suspect: !report.isAbovePods });
}

test.each([
  ['at its moment', [told(1, null)], { isNamed: false, outOf: 'machine' }],
  ['for the limit of all pods', [told(0, killedId, { scope: 'cgroup' })], { isNamed: true, outOf: 'allocatable' }],
  ['of which one names it', [told(0, null), told(2, killedId)], { isNamed: true, at: killedAt + 2_000 }],
  ['of which the nearest counts', [told(-3, null), told(1, null), told(2, null)], { at: killedAt + 1_000 }],
])('a kill of the node %s was this one', (_, kills, expected) => {
  expect(nodeOomOf(kill, kills)).toMatchObject(expected);
});

test.each([
  ['that names another', [told(0, 'b'.repeat(64))]],
  ['of another time', [told(4, null), told(-4, killedId)]],
  ['of another node', [told(0, null, { node: 'node-2' })]],
  ['that is a suspect', [told(0, null, { scope: 'cgroup', isAbovePods: false })]],
])('a kill of the node %s was not', (_, kills) => {
  expect(nodeOomOf(kill, kills)).toBeNull();
});

test('a kill of a single process, and one of which nobody knows the node, are none of a node', () => {
  expect(nodeOomOf({ ...kill, kind: 'child-process' }, [told(0, killedId)])).toBeNull();
  expect(nodeOomOf({ ...kill, node: null }, [told(0, killedId)])).toBeNull();
});

test('what the kernel did is said in words', () => {
  const found = nodeOomOf(kill, [told(0, killedId, { scope: 'cgroup' })]);

  expect(found && nodeOomWords(found, killedAt)).toBe(
    'The kernel killed because all that pods may have of node-1 was used, at 14:00:00 UTC: java, of this container',
  );
});
