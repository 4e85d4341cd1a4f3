import { describe, expect, test } from 'vitest';

import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import type { SpecFacts } from '../../../../src/core/evidence/evidence.ts';
import { recommend } from '../../../../src/core/recommend/recommend.ts';
import type { Recommendation } from '../../../../src/core/recommend/recommendation.ts';
import { findingsOf, killAt, killedAt, Mi, minute, runBefore, specOf } from '../../../fixtures/findings.ts';
import type { Usage } from '../../../fixtures/findings.ts';

const kill = killAt(killedAt, 60 * minute, { kind: 'self', exitCode: 134, reason: 'Error', limitBytes: 1024 * Mi });
/** Grows in a line, unevenly, from a level at which it works. */
const leaking: Usage = (age) => 200 + (7 * age) / minute + 4 * Math.sin(age / 47_000);
const level: Usage = (age) => 520 + 3 * Math.sin(age / 7919);

function told(
  spec: Partial<SpecFacts>,
  usage: Usage,
): { readonly cause: string | undefined; readonly advice: Recommendation } {
  const findings = findingsOf([runBefore(kill, usage, 15_000)], { spec: specOf(spec) });
  const diagnosis = diagnose(findings, kill, [kill], killedAt);
  return { cause: diagnosis.hypotheses[0]?.cause, advice: recommend(diagnosis, findings, kill, [kill]) };
}

const node = { args: ['node', 'server.js'], env: { NODE_OPTIONS: '--max-old-space-size=512' } };
const jvm = { env: { JAVA_TOOL_OPTIONS: '-Xmx512m' } };
const dotnet = { args: ['dotnet', 'a.dll'], env: { DOTNET_GCHeapHardLimitPercent: '0x32' } };

describe('a runtime that gave up on its own', () => {
  test.each([
    ['Node.js grew in a line until then: it leaks', node, leaking, 'leak'],
    ['Node.js was level: its flag is too small', node, level, 'heap-misconfigured'],
    ['Go and Python have no flag, and a line is a leak', { args: ['python', 'app.py'] }, leaking, 'leak'],
    ['.NET was level: its flag is too small', dotnet, level, 'heap-misconfigured'],
    ['a JVM only fills its heap, and climbs alike', jvm, leaking, 'heap-misconfigured'],
  ] as const)('is told by what its memory did before: %s', (_, spec, usage, cause) => {
    expect(told(spec, usage).cause).toBe(cause);
  });

  test('gets a larger flag where it was level, because the limit had room', () => {
    const { fix } = told(node, level).advice;

    expect(fix).toMatchObject({ kind: 'set-heap', limitBytes: 1024 * Mi, heapBytes: 768 * Mi });
  });

  test('gets a larger percentage of .NET, written as .NET reads it', () => {
    const { fix } = told(dotnet, level).advice;

    expect(fix).toMatchObject({
      kind: 'set-heap',
      env: [{ name: 'DOTNET_GCHeapHardLimitPercent', words: [{ from: '0x32', to: '0x4B' }] }],
    });
  });

  test('is not helped by a raise where a flag of so many bytes stops it', () => {
    expect(told(node, leaking).advice.mitigation).toBeNull();
    expect(told({ args: ['node', 'server.js'] }, leaking).advice.mitigation).toMatchObject({ buysMs: null });
  });
});
