import { expect, test } from 'vitest';
import { incidentId } from '../../../../src/core/incident/incident-id.ts';
import { evictionFingerprint, terminationFingerprint } from '../../../../src/core/kill/fingerprint.ts';
import { readTermination } from '../../../../src/core/kill/termination.ts';

function fingerprint(terminated: object, uid = 'uid', container = 'app', cluster = 'prod'): string {
  const termination = readTermination({ terminated: { exitCode: 137, ...terminated } });
  return termination === null ? '' : terminationFingerprint(cluster, uid, container, termination);
}

test('the container id alone tells terminations apart, not their times', () => {
  const one = fingerprint({ containerID: 'containerd://a', finishedAt: '2026-11-24T06:10:10Z' });

  expect(fingerprint({ containerID: 'containerd://a', finishedAt: '2026-11-24T06:10:11Z' })).toBe(one);
  expect(fingerprint({ containerID: 'containerd://b', finishedAt: '2026-11-24T06:10:10Z' })).not.toBe(one);
});

test('without a container id, start, end and exit code tell', () => {
  const times = { startedAt: '2026-11-24T06:10:01Z', finishedAt: '2026-11-24T06:10:10Z' };
  const all = [times, { ...times, startedAt: '2026-11-24T06:10:02Z' }, { ...times, exitCode: 1 }, {}].map((one) =>
    fingerprint(one),
  );

  expect(new Set(all).size).toBe(4);
  expect(fingerprint({ ...times })).toBe(all[0]);
});

test('pod, container and cluster are part of it', () => {
  const id = { containerID: 'containerd://a' };
  const all = [
    fingerprint(id),
    fingerprint(id, 'other'),
    fingerprint(id, 'uid', 'proxy'),
    fingerprint(id, 'uid', 'app', 'dev'),
  ];

  expect(new Set([...all, evictionFingerprint('prod', 'uid'), evictionFingerprint('prod', 'other')]).size).toBe(6);
});

test('it can be part of a key: letters and digits only', () => {
  expect(fingerprint({ containerID: 'containerd://a:b/c' })).toMatch(/^[0-9a-f]{32}$/);
});

test('an incident id is short, readable and grows on demand', () => {
  const subject = { cluster: 'prod', namespace: 'shop', workload: { kind: 'Pod', name: 'web' }, container: 'app' };

  const id = incidentId(subject, 'f');

  expect(id).toMatch(/^INC-[0-9A-HJKMNP-TV-Z]{4}$/);
  expect(incidentId(subject, 'f')).toBe(id);
  expect(incidentId(subject, 'f', 5)).toMatch(new RegExp(`^${id}.$`));
  expect(incidentId({ ...subject, container: 'proxy' }, 'f')).not.toBe(id);
});
