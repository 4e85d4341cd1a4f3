import { describe, expect, test } from 'vitest';

import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import type { UsageRun } from '../../../../src/core/evidence/evidence.ts';
import { recommend } from '../../../../src/core/recommend/recommend.ts';
import { findingsOf, killAt, killedAt, Mi, minute, runBefore, specOf } from '../../../fixtures/findings.ts';
import type { Usage } from '../../../fixtures/findings.ts';

const kill = killAt(killedAt, 60 * minute);

/** Usage is at the limit of 256Mi whatever the working set is; all of the rest are files. */
function fullOfFiles(own: Usage, usedMi = 255): UsageRun {
  const run = runBefore(kill, own, 15_000);
  const usageBytes = usedMi * Mi;
  return {
    ...run,
    samples: run.samples.map((one) => ({ ...one, usageBytes, cacheBytes: usageBytes - one.workingSetBytes })),
  };
}

describe('a limit full of page cache', () => {
  test('is named after a kill, with both measures and what speaks against it', () => {
    const findings = findingsOf([fullOfFiles(() => 70)], { spec: specOf() });

    const [verdict] = diagnose(findings, kill, [kill], killedAt).hypotheses;

    expect(verdict).toMatchObject({ cause: 'page-cache' });
    expect(verdict?.sentence).toContain('185Mi of it were files');
    expect(verdict?.for[0]).toBe('Usage was at 100% of the limit, the working set at 27%.');
    expect(verdict?.against[0]).toContain('A full page cache alone is healthy');
  });

  test('is answered by a modest raise, or by fewer pages that wait to be written; it is no leak', () => {
    const findings = findingsOf([fullOfFiles(() => 70)], { spec: specOf() });
    const diagnosis = diagnose(findings, kill, [kill], killedAt);

    const { fix, mitigation } = recommend(diagnosis, findings, kill, [kill]);

    expect(fix).toMatchObject({ kind: 'raise-limit', limitBytes: 320 * Mi });
    expect(fix.why).toContain('write less at once');
    expect(mitigation).toBeNull();
  });

  test('is healthy before a kill, and nothing has to be done', () => {
    const warned = { ...kill, kind: 'ahead' as const, seenAt: killedAt };
    const running = { ...fullOfFiles(() => 70), killedAt: null };
    const findings = findingsOf([running], { spec: specOf() });
    const diagnosis = diagnose(findings, warned, [], killedAt);

    const { fix, mitigation } = recommend(diagnosis, findings, warned, []);

    expect(diagnosis.hypotheses[0]).toMatchObject({ cause: 'page-cache' });
    expect(diagnosis.hypotheses[0]?.sentence).toContain('the working set is 70Mi');
    expect([fix.kind, mitigation]).toEqual(['none', null]);
  });

  test.each([
    ['what its processes need grew to the limit', (age: number) => 76 + (3 * age) / minute, 255, 'leak'],
    ['its working set is near the limit as well', () => 240, 255, 'limit-too-low'],
    ['the limit was not full', () => 70, 180, 'inconclusive'],
  ] as const)('is not it where %s', (_, own, used, cause) => {
    const findings = findingsOf([fullOfFiles(own, used)], { spec: specOf() });

    expect(diagnose(findings, kill, [kill], killedAt).hypotheses[0]?.cause).toBe(cause);
  });
});
