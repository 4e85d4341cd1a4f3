import { describe, expect, test } from 'vitest';

import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import type { Findings, PodFacts } from '../../../../src/core/evidence/evidence.ts';
import type { Kill } from '../../../../src/core/kill/kill.ts';
import { recommend } from '../../../../src/core/recommend/recommend.ts';
import { findingsOf, found, killAt, killedAt, Mi, minute, runBefore, specOf } from '../../../fixtures/findings.ts';
import type { Usage } from '../../../fixtures/findings.ts';

const podLimitMi = 256;

/** A kill under a pod limit of 256Mi; the container's own limit may be missing. */
function killIn(ownLimitMi: number | null): Kill {
  const limitBytes = ownLimitMi === null ? null : ownLimitMi * Mi;
  const inForce = Math.min(podLimitMi, ownLimitMi ?? Infinity) * Mi;
  return { ...killAt(killedAt, 60 * minute), limitBytes, limitInForceBytes: inForce };
}

function findingsIn(kill: Kill, own: Usage, otherMi: number | null, podRowMi?: number): Findings {
  const spec = specOf({ limitBytes: kill.limitBytes, podLimitBytes: podLimitMi * Mi });
  const containers: PodFacts['containers'] = [
    { container: 'app', limitBytes: kill.limitBytes, usedBytes: 5 * Mi },
    { container: 'proxy', limitBytes: null, usedBytes: otherMi === null ? null : otherMi * Mi },
  ];
  const findings = findingsOf([runBefore(kill, own, 15_000)], { spec });
  const row = { t: killedAt - 5000, workingSetBytes: (podRowMi ?? 0) * Mi };
  const pods = podRowMi === undefined ? {} : { pods: [{ pod: kill.pod, samples: [row] }] };
  const usage = findings.usage.found
    ? { ...findings.usage, value: { ...findings.usage.value, ...pods } }
    : findings.usage;
  return { ...findings, usage, pod: found({ containers }) };
}

describe('the limit of a pod as a whole', () => {
  test('is what a container without one of its own was killed at, and who used most is named', () => {
    const kill = killIn(null);
    const findings = findingsIn(kill, () => 70, 180);

    const [verdict] = diagnose(findings, kill, [kill], killedAt).hypotheses;

    expect(verdict).toMatchObject({
      cause: 'pod-limit',
      sentence: 'The pod reached its limit of 256Mi as a whole: proxy used 180Mi, app 70Mi',
    });
    expect(verdict?.for).toContain('proxy uses more than the container that was killed.');
  });

  test.each([
    ['its own limit is far away and the pod was full by its own row', 300, [100, null, 250], 'pod-limit'],
    ['its own limit is lower and far away, and the pod was full', 200, [100, 150, undefined], 'pod-limit'],
    ['its own limit is lower and was reached', 200, [190, 60, undefined], 'limit-too-low'],
    ['its own limit is lower, and the pod had room', 200, [100, 20, undefined], 'inconclusive'],
  ] as const)('is told by the numbers: %s', (_, own, [used, other, row], cause) => {
    const kill = killIn(own);
    const findings = findingsIn(kill, () => used, other, row);

    expect(diagnose(findings, kill, [kill], killedAt).hypotheses[0]?.cause).toBe(cause);
  });

  test('is certain without a limit of its own, whether or not the others were measured', () => {
    const kill = killIn(null);

    const [verdict] = diagnose(
      findingsIn(kill, () => 70, null),
      kill,
      [kill],
      killedAt,
    ).hypotheses;

    expect(verdict).toMatchObject({ cause: 'pod-limit', confidence: 0.7 });
    expect(verdict?.against).toContain('What the other containers of the pod used was not measured.');
  });

  test('does not hide a leak, whose raise is one of the pod too', () => {
    const kill = killIn(null);
    const findings = findingsIn(kill, (age) => 46 + (3 * age) / minute, 25);
    const diagnosis = diagnose(findings, kill, [kill], killedAt);

    const { fix, mitigation } = recommend(diagnosis, findings, kill, [kill]);

    expect(diagnosis.hypotheses[0]?.cause).toBe('leak');
    expect(fix.kind).toBe('fix-leak');
    expect(mitigation).toMatchObject({ kind: 'raise-limit', whose: 'pod' });
  });

  test('is the one that the fix raises, from what it is and not from the container’s own', () => {
    const kill = killIn(200);
    const findings = findingsIn(kill, () => 100, 150);

    const { fix } = recommend(diagnose(findings, kill, [kill], killedAt), findings, kill, [kill]);

    expect(fix).toMatchObject({ kind: 'raise-limit', whose: 'pod' });
    // As for any level close below its limit.
    expect('limitBytes' in fix ? fix.limitBytes / Mi : 0).toBeGreaterThan(podLimitMi);
    expect('limitBytes' in fix ? fix.limitBytes / Mi : 0).toBeLessThanOrEqual(podLimitMi * 1.35);
  });
});
