import { describe, expect, test } from 'vitest';

import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import type { Hypothesis } from '../../../../src/core/diagnose/diagnosis.ts';
import type { SpecFacts } from '../../../../src/core/evidence/evidence.ts';
import type { Kill } from '../../../../src/core/kill/kill.ts';
import { findingsOf, killAt, killedAt, runBefore, Mi, minute, specOf } from '../../../fixtures/findings.ts';
import type { Usage } from '../../../fixtures/findings.ts';

const limitBytes = 1024 * Mi;
const kill = killAt(killedAt, 60 * minute, { limitBytes });
/** A heap that fills in stairs up to the limit. */
const filling: Usage = (age) => 300 + 60 * Math.floor(age / (5 * minute));
const tooLow: Usage = (age) => 985 + 4 * Math.sin(age / 7919);

function verdictOf(
  spec: Partial<SpecFacts>,
  usage: Usage = filling,
  changes: Partial<Kill> = {},
): Hypothesis | undefined {
  const killed = { ...kill, ...changes };
  const run = runBefore(killed, usage, 15_000);
  return diagnose(findingsOf([run], { spec: specOf(spec) }), killed, [killed], killedAt).hypotheses[0];
}

const jvm = (options: string): Partial<SpecFacts> => ({ env: { JAVA_TOOL_OPTIONS: options } });

describe('a heap flag', () => {
  test('above the limit makes kills certain', () => {
    const verdict = verdictOf(jvm('-Xmx1500m'));

    expect(verdict).toMatchObject({
      cause: 'heap-misconfigured',
      sentence: 'Wrong heap flag: -Xmx1500m lets the heap grow to 1500Mi, and the limit is 1Gi',
    });
    expect(verdictOf(jvm('-Xmx1500m'), tooLow)?.confidence).toBeGreaterThanOrEqual(0.9);
    expect(verdict?.for).toContain('A heap flag above the limit makes kills certain once the heap fills.');
  });

  test('that a heap fills in a line is not for certain: a leak fills it alike', () => {
    const verdict = verdictOf(jvm('-Xmx1500m'));

    expect(verdict).toMatchObject({ cause: 'heap-misconfigured', confidence: 0.78 });
    expect(verdict?.against).toContain('A leak in the heap fills it alike.');
  });

  test('of Node.js, whose heap stays near what is live, is not what a line of growth is about', () => {
    const spec = { env: { NODE_OPTIONS: '--max-old-space-size=1500' } };

    expect(verdictOf(spec, (age) => 300 + (12 * age) / minute)?.cause).toBe('leak');
  });

  test.each([
    ['-Xmx just below the limit', jvm('-Xmx1000m')],
    ['a percentage that leaves too little', jvm('-XX:MaxRAMPercentage=90')],
    ['the arguments', { args: ['java', '-Xmx900m', '-jar', 'a.jar'] }],
    ['Node.js', { env: { NODE_OPTIONS: '--max-old-space-size=960' } }],
    ['a percentage of Node.js', { env: { NODE_OPTIONS: '--max-old-space-size-percentage=95' } }],
  ])('that leaves no room is told of %s, even where the level is close below the limit', (_, spec) => {
    expect(verdictOf(spec, tooLow)?.cause).toBe('heap-misconfigured');
  });

  test.each([
    ['it fits', jvm('-Xmx512m')],
    ['there is none and the default explains the heap', { image: 'eclipse-temurin:21' }],
    ['it is another runtime', { env: { GOMEMLIMIT: '2GiB' } }],
    ['only a start script may read it', { env: { JAVA_OPTS: '-Xmx1000m' } }],
  ])('is innocent where %s', (_, spec) => {
    expect(verdictOf(spec, tooLow)?.cause).toBe('limit-too-low');
  });

  test('does not explain a kill calmly far below the limit', () => {
    expect(verdictOf(jvm('-Xmx1500m'), () => 200)?.cause).not.toBe('heap-misconfigured');
  });
});

describe('a runtime that gave up on its own', () => {
  const gaveUp: Partial<Kill> = { kind: 'self', reason: 'Error', exitCode: 3 };

  test('says that raising the limit is useless while the flag stays', () => {
    const verdict = verdictOf(jvm('-Xmx400m'), filling, gaveUp);

    expect(verdict?.cause).toBe('heap-misconfigured');
    expect(verdict?.for).toContain('Raising the limit alone is useless: -Xmx400m in JAVA_TOOL_OPTIONS stays.');
  });

  test('with the default heap and a limit that has room says what it takes', () => {
    const verdict = verdictOf({ image: 'eclipse-temurin:21' }, () => 350, gaveUp);

    expect(verdict?.sentence).toBe(
      'The JVM gave up on its own: its heap of 256Mi was full (without a heap flag it takes 25% of the limit) under a limit of 1Gi',
    );
  });

  test('of another kind stays open', () => {
    expect(verdictOf({ args: ['python3', 'a.py'] }, () => 350, gaveUp)?.cause).toBe('inconclusive');
  });
});
