import { expect, test } from 'vitest';

import { factsOf } from '../../../../src/core/diagnose/facts.ts';
import { findingsOf, killAt, killedAt, minute, survivingRun } from '../../../fixtures/findings.ts';

test('how a container used memory until one of its processes was killed ends where the kill can have begun', () => {
  const startedAt = killedAt - 5 * minute;
  const from = killedAt - 45_000;
  const kill = {
    ...killAt(killedAt, 5 * minute),
    kind: 'child-process' as const,
    exitCode: null,
    finishedAt: null,
    within: { from, to: killedAt },
  };
  // It climbs to the kill, and falls back once the process is gone; its counter is seen to have risen 40 s later.
  const run = survivingRun((age) => (startedAt + age <= from ? 60 + (40 * age) / minute : 60), 5 * minute, 10_000, {
    pod: kill.pod,
    containerId: kill.containerId,
    revision: kill.revision,
  });

  const { beforeKill } = factsOf(findingsOf([run], { everyMs: 10_000 }), kill, [kill], killedAt + 1_000);

  expect(beforeKill?.pattern).toBe('steady');
  expect(beforeKill?.lastAt).toBeLessThan(from + 1_000);
});
