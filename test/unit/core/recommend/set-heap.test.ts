import { describe, expect, test } from 'vitest';

import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import { heapOf, heapUnder } from '../../../../src/core/diagnose/runtimes/heap.ts';
import type { SpecFacts, UsageRun } from '../../../../src/core/evidence/evidence.ts';
import type { Kill } from '../../../../src/core/kill/kill.ts';
import type { EnvChange } from '../../../../src/core/recommend/env-change.ts';
import { recommend } from '../../../../src/core/recommend/recommend.ts';
import { fixSchema } from '../../../../src/core/recommend/recommendation.ts';
import type { Fix } from '../../../../src/core/recommend/recommendation.ts';
import {
  findingsOf,
  killAt,
  killedAt,
  runBefore,
  survivingRun,
  Mi,
  minute,
  readable,
  specOf,
} from '../../../fixtures/findings.ts';
import type { Usage } from '../../../fixtures/findings.ts';

const hour = 60 * minute;

interface Given {
  readonly limit: number;
  readonly spec: Partial<SpecFacts>;
  readonly usage?: Usage;
  readonly kill?: Partial<Kill>;
  readonly siblings?: readonly UsageRun[];
}

/** The fix for a container whose usage fills its limit (Mi) in stairs. */
function fixOf({ limit, spec, usage, kill: changes = {}, siblings = [] }: Given): Fix {
  const kill = killAt(killedAt, hour, { limitBytes: limit * Mi, ...changes });
  const filling: Usage = usage ?? ((age) => limit * (0.3 + 0.058 * Math.floor(age / (5 * minute))));
  const findings = findingsOf([runBefore(kill, filling, 15_000)], { spec: specOf(spec), siblings });
  const { fix } = recommend(diagnose(findings, kill, [kill], killedAt), findings, kill, [kill]);
  return fixSchema.parse(fix);
}

/** Limit and heap in Mi, and what the variable becomes. */
function shownOf(fix: Fix): unknown {
  if (fix.kind !== 'set-heap') return fix;
  return { limit: fix.limitBytes / Mi, heap: Math.round(fix.heapBytes / Mi), to: fix.env.map((one) => valueWith(one)) };
}

/** The words that a variable gets. */
function valueWith(change: EnvChange | undefined): string {
  return change?.words.map(({ to }) => to).join(' ') ?? '';
}

const jvm = (options: string): Partial<SpecFacts> => ({ env: { JAVA_TOOL_OPTIONS: options } });

describe('a heap flag that does not fit the limit', () => {
  test('gets the limit that holds it and what is needed beside it', () => {
    const fix = fixOf({ limit: 1024, spec: jvm('-Xmx1100m -Dfoo=bar') });

    expect(shownOf(fix)).toEqual({ limit: 1472, heap: 1100, to: [] });
    expect(fix.why).toContain('-Xmx1100m in JAVA_TOOL_OPTIONS stays');
  });

  test('gives way where a sibling shows that the limit is right', () => {
    const sibling = survivingRun(() => 500, 2 * hour, 15_000, { revision: 'bbbbbbb', limitBytes: 1024 * Mi });

    const fix = fixOf({ limit: 1024, spec: jvm('-Xmx1100m -Dfoo=bar'), siblings: [sibling] });

    expect(shownOf(fix)).toEqual({ limit: 1024, heap: 768, to: ['-Xmx768m'] });
    expect(fix.why).toContain('at most 500Mi, so the limit is right');
  });

  test('comes down with a limit that goes up where it was made for another machine', () => {
    const fix = fixOf({ limit: 512, spec: jvm('-Xmx4g') });

    expect(shownOf(fix)).toEqual({ limit: 832, heap: 576, to: ['-Xmx576m'] });
    expect(fix.why).toContain('OutOfMemoryError instead of a kill');
  });

  test('of percents comes down so far that the heap stays as it is', () => {
    const fix = fixOf({ limit: 1024, spec: jvm('-XX:MaxRAMPercentage=90') });

    expect(shownOf(fix)).toEqual({ limit: 1280, heap: 922, to: ['-XX:MaxRAMPercentage=72'] });
  });

  test('in the arguments stays there, and the limit follows it', () => {
    const fix = fixOf({ limit: 512, spec: { args: ['java', '-Xmx1200m', '-jar', 'a.jar'] } });

    expect(shownOf(fix)).toEqual({ limit: 1600, heap: 1200, to: [] });
    expect(fix.why).toContain('-Xmx1200m in its arguments');
  });

  test('in the arguments that no limit can follow is left to a person, who is told which', () => {
    const fix = fixOf({ limit: 512, spec: { args: ['java', '-Xmx8g', '-jar', 'a.jar'] } });

    expect(fix).toEqual({
      kind: 'none',
      why: '-Xmx8g stands in its arguments, which win over any variable: change it there to -Xmx296m.',
    });
  });
});

describe('a heap that was full', () => {
  const gaveUp: Partial<Kill> = { kind: 'self', reason: 'Error', exitCode: 3 };

  test('gets a larger flag and the limit for it, because a raise alone is useless', () => {
    const fix = fixOf({ limit: 512, spec: jvm('-Xmx384m'), kill: gaveUp });

    expect(shownOf(fix)).toEqual({ limit: 832, heap: 576, to: ['-Xmx576m'] });
    expect(fix.why).toContain('a higher limit alone does not change that');
  });

  test('gets a flag within the limit where that has room', () => {
    const fix = fixOf({ limit: 2048, spec: { args: ['java', '-jar', 'a.jar'] }, usage: () => 700, kill: gaveUp });

    expect(shownOf(fix)).toEqual({ limit: 2048, heap: 1536, to: ['-XX:MaxRAMPercentage=75'] });
  });

  test('of Node.js gets its own flag', () => {
    const spec = { env: { NODE_OPTIONS: '--max-old-space-size=300' } };
    const fix = fixOf({ limit: 1024, spec, usage: () => 350, kill: gaveUp });

    expect(shownOf(fix)).toEqual({ limit: 1024, heap: 450, to: ['--max-old-space-size=450'] });
  });
});

describe('a raise of the limit', () => {
  const calm: Usage = (age) => 490 + 2 * Math.sin(age / 7919);

  test('says that an absolute flag stays', () => {
    const fix = fixOf({ limit: 512, spec: jvm('-Xmx256m'), usage: calm });

    expect(fix.kind).toBe('raise-limit');
    expect(fix.why).toContain('-Xmx256m in JAVA_TOOL_OPTIONS stays, so the heap stays at 256Mi.');
  });

  test.each([
    [{ GOMEMLIMIT: '460MiB' }, [], 'GOMEMLIMIT=460MiB stays; 90% of the new limit is '],
    [{ GOGC: 'off' }, [], 'GOMEMLIMIT is not set; 90% of the new limit is '],
    [{}, ['GOMEMLIMIT'], 'Where GOMEMLIMIT comes from is not read; 90% of the new limit is '],
  ])('names the soft limit that fits it for a Go program with %j and hidden %j', (env, hiddenEnv, words) => {
    const fix = fixOf({ limit: 512, spec: { image: 'golang:1.26', env, hiddenEnv }, usage: calm });

    if (fix.kind !== 'raise-limit') throw new Error(`it is ${fix.kind}`);
    expect(fix.why).toContain(`${words}${Math.floor((fix.limitBytes * 0.9) / Mi)}MiB.`);
  });

  test('says how far the default heap may grow with it', () => {
    const fix = fixOf({ limit: 512, spec: { args: ['java', '-jar', 'a.jar'] }, usage: calm });

    expect(fix).toMatchObject({ kind: 'raise-limit', limitBytes: 640 * Mi });
    expect(fix.why).toContain('Its heap may then grow from 128Mi to 160Mi.');
  });

  test('changes the percentage that would swallow most of it', () => {
    const fix = fixOf({ limit: 512, spec: jvm('-XX:MaxRAMPercentage=75'), usage: calm });

    expect(shownOf(fix)).toEqual({ limit: 640, heap: 384, to: ['-XX:MaxRAMPercentage=60'] });
  });

  test('over the size below which a JVM ignores the percentage keeps the heap of before', () => {
    // Recorded: 112Mi of heap at 224Mi lived, 204Mi at 272Mi was killed.
    const spec = jvm('-XX:MaxRAMPercentage=75');

    const fix = fixOf({ limit: 224, spec, usage: (age) => 214 + Math.sin(age / 7919) });

    if (fix.kind !== 'set-heap') throw new Error(`it is ${fix.kind}`);
    const heap = readable(heapOf({ ...specOf(), env: { JAVA_TOOL_OPTIONS: valueWith(fix.env[0]) } }));
    const after = heap && heapUnder(heap, fix.limitBytes);
    expect(fix.limitBytes / Mi).toBeGreaterThan(250);
    expect((after ?? Infinity) / Mi).toBeLessThanOrEqual(112);
  });

  test('in the arguments is left as a raise that says what to change', () => {
    const fix = fixOf({ limit: 512, spec: { args: ['java', '-XX:MaxRAMPercentage=75', '-jar', 'a'] }, usage: calm });

    expect(fix.kind).toBe('raise-limit');
    expect(fix.why).toContain('change it there to -XX:MaxRAMPercentage=60');
  });

  const limits = [128, 200, 256, 300, 512, 1000, 4096];
  const flags = ['-Xmx64m', '-Xmx300m', '-Xmx2g', '-Xmx40g', '-XX:MaxRAMPercentage=75', '-XX:MaxRAMPercentage=99'];

  test.each(limits.flatMap((limit) => flags.map((flag) => [limit, flag] as const)))(
    'from %d Mi with %s never lowers the limit, changes something, and gives the heap that it promises',
    (limit, flag) => {
      const usage: Usage = (age) => limit * (0.95 + 0.005 * Math.sin(age / 7919));

      const fix = fixOf({ limit, spec: jvm(flag), usage });

      const size = 'limitBytes' in fix ? fix.limitBytes : Infinity;
      const env = fix.kind === 'set-heap' ? fix.env : [];
      const heap = readable(heapOf({ ...specOf(), env: { JAVA_TOOL_OPTIONS: env[0] ? valueWith(env[0]) : flag } }));
      const taken = heap === null ? null : heapUnder(heap, size);
      const promised = fix.kind === 'set-heap' ? fix.heapBytes : taken;
      expect(size).toBeGreaterThanOrEqual(limit * Mi);
      expect(size > limit * Mi || env.length > 0).toBe(true);
      expect(Math.abs((promised ?? 0) - (taken ?? 0))).toBeLessThan(2 * Mi);
      expect(promised).toBeLessThan(size);
    },
  );
});

test('a leak whose heap flag stays says that a raise does not reach the heap', () => {
  const kill = killAt(killedAt, hour, { limitBytes: 1024 * Mi });
  const run = runBefore(kill, (age) => 300 + (12 * age) / minute, 15_000);
  const findings = findingsOf([run], { spec: specOf(jvm('-Xmx200m')) });

  const { mitigation } = recommend(diagnose(findings, kill, [kill], killedAt), findings, kill, [kill]);

  expect(mitigation?.why).toContain('-Xmx200m in JAVA_TOOL_OPTIONS stays, so the heap gets nothing of it.');
});
