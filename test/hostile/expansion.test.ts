import { describe, expect, it, test } from 'vitest';
import { diagnose } from '../../src/core/diagnose/diagnose.ts';
import { heapOf } from '../../src/core/diagnose/runtimes/heap.ts';
import { runtimeOf } from '../../src/core/diagnose/runtimes/runtime.ts';
import { createWordReader } from '../../src/core/diagnose/runtimes/words.ts';
import { evidenceLines } from '../../src/core/evidence/evidence-lines.ts';
import type { SpecFacts } from '../../src/core/evidence/evidence.ts';
import { recommend } from '../../src/core/recommend/recommend.ts';
import {
  findingsOf,
  found,
  killAt,
  killedAt,
  Mi,
  minute,
  nothingFound,
  runBefore,
  specOf,
} from '../fixtures/findings.ts';

/** As `kubectl run` can write it: 60 kB in a variable that stands in the arguments two thousand times. */
const bomb = specOf({ args: ['java', '$JAVA_OPTS '.repeat(2_000)], env: { JAVA_OPTS: '-Da=b '.repeat(10_000) } });

describe('options that are too long to read', () => {
  test.each<[string, SpecFacts]>([
    ['a long variable that stands in the arguments again and again', bomb],
    [
      'two thousand arguments that each name it',
      specOf({ ...bomb, args: ['java', ...Array(2_000).fill('$JAVA_OPTS')] }),
    ],
    ['one argument of a megabyte', specOf({ args: ['java', '-Xmx1g '.repeat(150_000)] })],
    ['many short words', specOf({ args: ['node', ...Array(100_000).fill('a')] })],
    ['a million short words', specOf({ args: ['node', ...Array(1_000_000).fill('a')] })],
    ['very many variables that a start script may read', specOf({ args: ['java'], env: manyVariables(3_000) })],
    ['one variable of a megabyte', specOf({ args: ['node'], env: { NODE_OPTIONS: 'x'.repeat(1_000_000) } })],
  ])('say nothing of the heap: %s', (_, spec) => {
    expect(heapOf(spec)).toBe('too-long');
  });

  it('are named where the runtime is shown, and in what is missing', () => {
    const kill = killAt(killedAt, 60 * minute);
    const findings = { ...findingsOf([runBefore(kill, () => 250, 15_000)]), spec: found(bomb) };

    const runtime = evidenceLines(findings, kill, [kill]).find(({ label }) => label === 'Runtime');
    const diagnosis = diagnose(findings, kill, [kill], killedAt, 0);

    expect(runtime?.text).toBe('JVM, its options are too long to read: what they say about the heap is not known');
    expect(JSON.stringify(diagnosis)).toContain('Its options are too long to read, so its heap flags are not known.');
    expect(recommend(diagnosis, findings, kill, [kill]).fix).not.toMatchObject({ kind: 'set-heap' });
  });

  it('keep at most the words that are looked at, however often a variable stands there', () => {
    const reader = createWordReader(bomb);

    expect(reader.ofCommand().length).toBeLessThan(10);
    expect(reader.isTooLong()).toBe(true);
  });

  it('do not hide which runtime it is, where its program comes first', () => {
    expect(runtimeOf({ ...bomb, env: {} })).toBe('jvm');
  });
});

describe('options that are long and readable', () => {
  it('are read to their end: the last flag counts', () => {
    const classPath = Array.from({ length: 900 }, (_, n) => `/app/lib/archive-${n}-1.2.3-SNAPSHOT.jar`).join(':');
    const args = ['java', '-cp', classPath, ...'$JAVA_OPTS -Xmx2g $JAVA_OPTS'.split(' '), 'shop.Main'];

    const heap = heapOf(specOf({ args, env: { JAVA_OPTS: `${'-Da=b '.repeat(2_000)}-Xmx1g` } }));

    expect(heap).toMatchObject({ flag: { value: 1024 * Mi } });
  });

  it('are expanded once: a variable that names itself gives its own words and no more', () => {
    const heap = heapOf(specOf({ args: ['java $JAVA_OPTS'], env: { JAVA_OPTS: '$JAVA_OPTS $JAVA_OPTS -Xmx1g' } }));

    expect(heap).toMatchObject({ flag: { value: 1024 * Mi } });
  });
});

it('says nothing of options where the spec was not read', () => {
  const kill = killAt(killedAt, 60 * minute);

  const diagnosis = diagnose(nothingFound('was not asked'), kill, [kill], killedAt, 0);

  expect(JSON.stringify(diagnosis)).not.toContain('too long');
});

function manyVariables(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`A${n}_JAVA_OPTS`, 'a '.repeat(100)]));
}
