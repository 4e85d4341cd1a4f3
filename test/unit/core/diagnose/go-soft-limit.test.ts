import { describe, expect, test } from 'vitest';

import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import type { SpecFacts } from '../../../../src/core/evidence/evidence.ts';
import { recommend } from '../../../../src/core/recommend/recommend.ts';
import { findingsOf, killAt, killedAt, Mi, minute, runBefore, specOf } from '../../../fixtures/findings.ts';
import type { Usage } from '../../../fixtures/findings.ts';

const kill = killAt(killedAt, 60 * minute);
const go = { env: { GOGC: '100' } };
const nearLimit: Usage = (age) => 238 + 4 * Math.sin(age / 7919);
const leaking: Usage = (age) => 76 + (3 * age) / minute + 3 * Math.sin(age / 47_000);

function told(spec: Partial<SpecFacts>, usage: Usage = nearLimit) {
  const findings = findingsOf([runBefore(kill, usage, 15_000)], { spec: specOf(spec) });
  const diagnosis = diagnose(findings, kill, [kill], killedAt);
  return { verdict: diagnosis.hypotheses[0], fix: recommend(diagnosis, findings, kill, [kill]).fix };
}

describe('a Go program without a soft limit', () => {
  test('lets its heap double, so the soft limit is what is missing and not only a number', () => {
    const { verdict, fix } = told(go);

    expect(verdict?.cause).toBe('heap-misconfigured');
    expect(verdict?.sentence).toContain('128Mi of live heap, 50% of the limit of 256Mi, are enough to be killed');
    if (fix.kind !== 'set-heap') throw new Error(`it is ${fix.kind}`);
    const softMi = Math.floor((fix.limitBytes / Mi) * 0.9);
    expect(fix.limitBytes).toBeGreaterThan(256 * Mi);
    expect(fix.env).toEqual([{ name: 'GOMEMLIMIT', words: [{ from: null, to: `${softMi}MiB` }], others: false }]);
  });

  test('replaces the word by which it was turned off', () => {
    const { fix } = told({ env: { GOMEMLIMIT: 'off' } });

    expect(fix).toMatchObject({ kind: 'set-heap', env: [{ words: [{ from: 'off' }] }] });
  });

  test('says how far its heap grows with another GOGC', () => {
    expect(told({ env: { GOGC: '50' } }).verdict?.sentence).toContain('1.5 times what is live');
  });

  test.each([
    ['it has one', { env: { GOMEMLIMIT: '230MiB' } }, nearLimit, 'limit-too-low'],
    ['one may come from elsewhere', { ...go, envFrom: true }, nearLimit, 'limit-too-low'],
    ['nothing says that it is Go', {}, nearLimit, 'limit-too-low'],
    ['it leaks', go, leaking, 'leak'],
  ] as const)('is not the verdict where %s', (_, spec, usage, cause) => {
    expect(told(spec, usage).verdict?.cause).toBe(cause);
  });
});
