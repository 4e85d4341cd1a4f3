import { describe, expect, test } from 'vitest';
import { readCgroup } from '../../../../../src/core/kill/cgroup.ts';
import { readOomReport } from '../../../../../src/core/kill/detect/oom-report.ts';

const uid = 'e5244a9b-2c7f-41b3-a163-3678f4bb2c7d';
const id = 'db74bca473be9769118e2292d4a1193120d5e336e7bd36bc2b4415df6b11293d';

describe('a cgroup', () => {
  test.each([
    [`/kubepods/burstable/pod${uid}/${id}`],
    [`/kubepods/pod${uid}/${id}`],
    [`/kubepods.slice/kubepods-pod${uid.replaceAll('-', '_')}.slice/cri-containerd-${id}.scope`],
    [
      `/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${uid.replaceAll('-', '_')}.slice/crio-${id}.scope`,
    ],
    [`/sys/fs/cgroup/kubepods.slice/kubepods-burstable-pod${uid.replaceAll('-', '_')}.slice/docker-${id}.scope/worker`],
    [`Task in /kubepods/burstable/pod${uid}/${id} killed as a result of limit of /kubepods/burstable/pod${uid}`],
  ])('%s is a container of a pod', (path) => {
    expect(readCgroup(path)).toEqual({ podUid: uid, containerId: id });
  });

  test.each(['/', '/kubepods', `/kubepods/burstable/pod${uid}`, '/system.slice/sshd.service', '', 'pod'])(
    '"%s" is none',
    (path) => {
      expect(readCgroup(path)).toBeNull();
    },
  );
});

const about = (reason: string, message: string, kind = 'Node') => ({
  kind: 'Event',
  involvedObject: { kind, name: 'n1' },
  reason,
  message,
  lastTimestamp: '2026-11-24T07:10:29Z',
});
const task = `task_memcg=/kubepods/burstable/pod${uid}/${id},task=memtool,pid=21746,uid=0`;
const killed =
  'Killed process 21746 (memtool) total-vm:66372kB, anon-rss:64808kB, file-rss:588kB, shmem-rss:4kB, UID:0 oom_score_adj:998';

test.each([
  ['SystemOOM', 'System OOM encountered, victim process: java, pid: 4242', ['node', 'java', 4242, null, null, true]],
  ['OOMKilling', `Memory cgroup out of memory: ${killed}`, ['cgroup', 'memtool', 21746, 65400 * 1024, null, false]],
  ['OOMKilling', `Out of memory: ${killed}`, ['node', 'memtool', 21746, 65400 * 1024, null, true]],
  [
    'OOMKilling',
    `oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/kubepods/burstable/pod${uid},${task}`,
    ['cgroup', 'memtool', 21746, null, id, false],
  ],
  [
    'OOMKilling',
    `oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/kubepods,${task}\nMemory cgroup out of memory: ${killed}`,
    ['cgroup', 'memtool', 21746, 65400 * 1024, id, true],
  ],
  ['OOMKilling', `oom-kill:constraint=CONSTRAINT_NONE,global_oom,${task}`, ['node', 'memtool', 21746, null, id, true]],
  [
    'OOMKilling',
    'Out of memory (oom_kill_allocating_task): Killed process 7 (x) total-vm:1kB',
    ['node', 'x', 7, null, null, true],
  ],
  [
    'OOMKilling',
    'Out of memory: Kill process 123 (x) score 900 or sacrifice child',
    ['node', 'x', 123, null, null, true],
  ],
  [
    'OOMKilling',
    'Memory cgroup out of memory: Kill process 123 (x) score 900 or sacrifice child',
    ['cgroup', 'x', 123, null, null, false],
  ],
  [
    'OOMKilling',
    'Killed process 18254, UID 1000, (node) total-vm:1kB, anon-rss:2kB, file-rss:0kB',
    ['cgroup', 'node', 18254, 2048, null, false],
  ],
  [
    'OOMKilling',
    'Killed process 11593 (java), UID 1000, total-vm:1kB, anon-rss:2kB',
    ['cgroup', 'java', 11593, 2048, null, false],
  ],
  ['OOMKilling', 'Killed process 9 ((sd-pam)) total-vm:1kB', ['cgroup', '(sd-pam)', 9, null, null, false]],
  [
    'OOMKilling',
    `Task in /kubepods/burstable/pod${uid}/${id} killed as a result of limit of /kubepods/burstable/pod${uid}`,
    ['cgroup', null, null, null, id, false],
  ],
  [
    'OOMKilling',
    `Task in /kubepods/burstable/pod${uid}/${id} killed as a result of limit of /kubepods`,
    ['cgroup', null, null, null, id, true],
  ],
  ['OOMKilling', 'something nobody has seen', ['cgroup', null, null, null, null, false]],
])('%s "%s" is read', (reason, message, expected) => {
  const report = readOomReport(about(reason, message));

  const [scope, process, pid, rssBytes, containerId, isAbovePods] = expected;
  expect(report).toMatchObject({ scope, victim: { process, pid, rssBytes }, isAbovePods });
  expect(report?.place?.containerId ?? null).toBe(containerId);
});

test.each([
  ['another reason', about('NodeNotReady', 'x')],
  ['a pod', about('OOMKilling', killed, 'Pod')],
  ['no time', { ...about('SystemOOM', 'x'), lastTimestamp: null }],
  ['no object', null],
  ['a string', 'OOMKilling'],
])('an Event with %s tells of no kill', (_, event) => {
  expect(readOomReport(event)).toBeNull();
});
