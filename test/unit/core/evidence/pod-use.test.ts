import { expect, test } from 'vitest';
import type { Findings } from '../../../../src/core/evidence/evidence.ts';
import { podUseOf, podWords } from '../../../../src/core/evidence/pod-use.ts';
import { findingsOf, found, killAt, killedAt, Mi, runBefore } from '../../../fixtures/findings.ts';

const seconds = (count: number): number => count * 1_000;
const kill = killAt(killedAt, seconds(100));
const run = runBefore(kill, () => 40, seconds(15), { killedAt: null });

/** The pod as a whole used 100Mi until `until`, and 30Mi since. */
function podRows(until: number): Findings {
  const samples = [1, 2, 3, 4, 5, 6].map((nth) => {
    const t = killedAt - seconds(100 - 15 * nth);
    return { t, workingSetBytes: (t <= until ? 100 : 30) * Mi };
  });
  const findings = findingsOf([run]);
  if (!findings.usage.found) return findings;
  const pods = [{ pod: kill.pod, samples: samples.toReversed() }];
  return { ...findings, usage: found({ ...findings.usage.value, pods }) };
}

test('what a pod used is its last row before the kill, in whatever order rows come', () => {
  expect(podUseOf(podRows(killedAt), kill).totalBytes).toBe(100 * Mi);
});

test('where a counter tells of a kill late, rows of the time in which it may have happened are not from before it', () => {
  const from = killedAt - seconds(55);
  const child = { ...kill, kind: 'child-process' as const, finishedAt: null, within: { from, to: killedAt } };

  expect(podUseOf(podRows(from), child).totalBytes).toBe(100 * Mi);
});

test('of the killed container the pod line says only what is measured', () => {
  const proxy = { container: 'proxy', limitBytes: 64 * Mi, usedBytes: 30 * Mi };
  const app = { container: 'app', limitBytes: null, usedBytes: null };

  expect(podWords({ containers: [proxy, app] }, 'app')).toBe('proxy 30Mi (its own limit is 64Mi)');
  expect(podWords({ containers: [proxy, app] }, 'proxy')).toContain('app not measured');
  expect(podWords({ containers: [app] }, 'app')).toBe('app not measured');
});
