import { expect, test } from 'vitest';
import { readEviction } from '../../../../../src/core/kill/detect/eviction.ts';
import { firstReading } from '../../../../../src/core/kill/detect/first-reading.ts';
import { readPod } from '../../../../../src/core/kill/pod.ts';
import { readTermination } from '../../../../../src/core/kill/termination.ts';
import { podYaml } from '../pod-yaml.ts';

const runc = 'failed to create shim task: container init was OOM-killed (memory limit too low?): unknown';
const crun = 'OOM: the memory limit could be too low';

test.each([
  ['OOMKilled', 137, '', 'kill container'],
  ['OOMKilled', 1, '', 'kill child-process'],
  ['OOMKilled', 2, '', 'kill child-process'],
  ['OOMKilled', 0, '', 'ignored sticky-reason'],
  ['OOMKilled', 143, '', 'ignored sticky-reason'],
  ['OOMKilled', 128, '', 'kill start'],
  ['StartError', 128, runc, 'kill start'],
  ['StartError', 128, crun, 'kill start'],
  ['ContainerCannotRun', 1, crun, 'kill start'],
  ['StartError', 128, 'exec: "/app": no such file or directory', 'nothing'],
  ['Error', 1, `my own words: ${runc}`, 'unexplained self true'],
  ['Error', 137, '', 'unexplained container false'],
  ['ContainerStatusUnknown', 137, '', 'ignored invented-status'],
  ['RestartingAllContainers', 137, '', 'ignored invented-status'],
  ['Error', 143, '', 'nothing'],
  ['Error', 1, '', 'unexplained self true'],
  ['Error', 2, '', 'unexplained self true'],
  ['Error', 3, '', 'unexplained self false'],
  ['Error', 134, '', 'unexplained self false'],
  ['Error', 139, '', 'unexplained self false'],
  ['Error', 126, '', 'nothing'],
  ['Unknown', 255, '', 'nothing'],
  ['Completed', 0, '', 'nothing'],
])('%s with exit code %i (message "%s") reads: %s', (reason, exitCode, message, expected) => {
  const termination = readTermination({
    terminated: { reason, exitCode, message, finishedAt: '2026-11-24T06:10:10Z', containerID: 'containerd://a' },
  });

  const reading = termination === null ? null : firstReading(termination, false);

  expect(Object.values(reading ?? {}).join(' ')).toBe(expected);
});

test('exit code 137 without a container and without an end was made up', () => {
  const termination = readTermination({ terminated: { exitCode: 137, reason: 'Error', finishedAt: null } });

  expect(termination && firstReading(termination, false)).toEqual({ is: 'ignored', reason: 'invented-status' });
});

test('the mark of a kill by the pod limit on a sibling is no kill of this one', () => {
  const termination = readTermination({ terminated: { exitCode: 1, reason: 'OOMKilled', containerID: 'x' } });

  expect(termination && firstReading(termination, true)).toEqual({ is: 'ignored', reason: 'sticky-reason' });
});

test.each([
  ['The node was low on resource: memory. Threshold quantity: 100Mi, available: 44448Ki.', 'kill eviction'],
  ['The node was low on resource: ephemeral-storage. Threshold quantity: 1Gi.', 'ignored disk-eviction'],
  ['The node was low on resource: inodes.', 'ignored disk-eviction'],
  ['The node was low on resource: pids.', 'ignored pid-eviction'],
  ['Usage of EmptyDir volume "scratch" exceeds the limit "32Mi".', 'ignored disk-eviction'],
  ['Pod ephemeral local storage usage exceeds the total limit of containers 1Gi.', 'ignored disk-eviction'],
  ['The node had condition: [MemoryPressure].', 'ignored admission'],
])('an evicted pod that says "%s" reads: %s', (message, expected) => {
  const pod = readPod(podYaml(`status: { phase: Failed, reason: Evicted, message: ${JSON.stringify(message)} }`));

  expect(Object.values((pod && readEviction(pod)) ?? {}).join(' ')).toBe(expected);
});
