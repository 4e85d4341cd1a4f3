import { describe, expect, test } from 'vitest';

import { heapOf } from '../../../../src/core/diagnose/runtimes/heap.ts';
import type { SpecFacts } from '../../../../src/core/evidence/evidence.ts';
import { envWords } from '../../../../src/core/recommend/env-words.ts';
import { heapEdit } from '../../../../src/core/recommend/heap-edit.ts';
import type { HeapTarget } from '../../../../src/core/recommend/heap-edit.ts';
import { Mi, readable, specOf } from '../../../fixtures/findings.ts';
import { withWords } from '../../../../src/core/recommend/change-words.ts';
import { wordChange } from '../../../fixtures/manifests.ts';

const bytes = (mebi: number): HeapTarget => ({ unit: 'bytes', value: mebi * Mi });
const percent = (value: number): HeapTarget => ({ unit: 'percent', value });

function edit(changes: Partial<SpecFacts>, target: HeapTarget) {
  const spec = specOf(changes);
  const heap = readable(heapOf(spec));
  if (heap === null) throw new Error('no runtime');
  return heapEdit(heap, spec, target);
}

/** The first variable afterwards. */
function after(changes: Pick<SpecFacts, 'env'>, target: HeapTarget) {
  const made = edit(changes, target);
  const [change] = 'env' in made ? made.env : [];
  if (change === undefined) return made;
  return [change.name, ...Object.values(withWords(changes.env[change.name] ?? '', change)).slice(1)];
}

describe('the edit of a heap flag', () => {
  test.each<[string, Record<string, string>, HeapTarget, string]>([
    ['keeps the other options', { JAVA_TOOL_OPTIONS: '-Xmx512m -Dfoo=bar' }, bytes(384), '-Xmx384m -Dfoo=bar'],
    ['keeps white space and quotes', { JAVA_TOOL_OPTIONS: '-Da="b c"  -Xmx512m' }, bytes(384), '-Da="b c"  -Xmx384m'],
    ['changes the last, which counts', { JAVA_TOOL_OPTIONS: '-Xmx1g -Xmx512m' }, bytes(384), '-Xmx1g -Xmx384m'],
    [
      'does not touch what only looks alike',
      { JAVA_TOOL_OPTIONS: '-Dx=-Xmx512m -Xmx512m' },
      bytes(384),
      '-Dx=-Xmx512m -Xmx384m',
    ],
    [
      'lowers an initial heap that is larger',
      { JAVA_TOOL_OPTIONS: '-Xms512m -Xmx512m' },
      bytes(384),
      '-Xms384m -Xmx384m',
    ],
    [
      'leaves an initial heap that is smaller',
      { JAVA_TOOL_OPTIONS: '-Xms64m -Xmx512m' },
      bytes(384),
      '-Xms64m -Xmx384m',
    ],
    [
      'writes whole percents',
      { JDK_JAVA_OPTIONS: '-XX:MaxRAMPercentage=90.0' },
      percent(66.9),
      '-XX:MaxRAMPercentage=66',
    ],
    [
      'knows Node.js',
      { NODE_OPTIONS: '--max_old_space_size=900 --inspect' },
      bytes(384),
      '--max-old-space-size=384 --inspect',
    ],
    [
      'knows a value that stands apart',
      { NODE_OPTIONS: '--max-old-space-size   900' },
      bytes(384),
      '--max-old-space-size=384',
    ],
    [
      'knows the percentage of Node.js',
      { NODE_OPTIONS: '--max-old-space-size-percentage=90' },
      percent(60),
      '--max-old-space-size-percentage=60',
    ],
    ['adds what is not there', { NODE_OPTIONS: '--inspect' }, bytes(384), '--inspect --max-old-space-size=384'],
  ])('%s', (_, env, target, to) => {
    const [name = ''] = Object.keys(env);

    expect(after({ env }, target)).toEqual([name, to]);
    expect(JSON.stringify(edit({ env }, target))).not.toContain('foo');
  });

  test('sets a variable that is not there', () => {
    expect(edit({ args: ['java', '-jar', 'a.jar'] }, percent(75))).toEqual({
      env: [wordChange('JAVA_TOOL_OPTIONS', null, '-XX:MaxRAMPercentage=75')],
    });
  });

  test.each<[string, Partial<SpecFacts>, string]>([
    [
      'the flag stands in the arguments',
      { args: ['java', '-Xmx900m', '-jar', 'a.jar'] },
      '-Xmx900m stands in its arguments, which win over any variable: change it there to -Xmx384m.',
    ],
    [
      'the variable comes from a secret',
      { args: ['java'], hiddenEnv: ['JAVA_TOOL_OPTIONS'] },
      'JAVA_TOOL_OPTIONS may have a value that is not seen here: add -Xmx384m where it comes from.',
    ],
    [
      'variables come whole from elsewhere',
      { args: ['java'], envFrom: true },
      'JAVA_TOOL_OPTIONS may have a value that is not seen here: add -Xmx384m where it comes from.',
    ],
    [
      'the flag stands there twice',
      { env: { JAVA_TOOL_OPTIONS: '-Xmx900m -Xmx900m' } },
      'JAVA_TOOL_OPTIONS has -Xmx900m more than once, so it is unclear which one to change; change it by hand.',
    ],
    [
      'a quote is a part of the flag',
      { env: { JAVA_TOOL_OPTIONS: '-Xmx"900m"' } },
      'JAVA_TOOL_OPTIONS has quotes that -Xmx900m is part of, or that do not match; change it by hand.',
    ],
    [
      'a quote does not match',
      { env: { JAVA_TOOL_OPTIONS: '-Da="b -Xmx900m' } },
      'JAVA_TOOL_OPTIONS has quotes that -Xmx900m is part of, or that do not match; change it by hand.',
    ],
    [
      'a larger initial heap stands elsewhere',
      { args: ['java', '-Xms800m'], env: { JAVA_TOOL_OPTIONS: '-Xmx900m' } },
      '-Xms800m is more than -Xmx384m and stands elsewhere, so the JVM would not start: change both by hand.',
    ],
  ])('is left to a person where %s', (_, changes, byHand) => {
    expect(edit(changes, bytes(384))).toEqual({ byHand });
  });
});

test.each([
  [wordChange('JAVA_TOOL_OPTIONS', '-Xmx900m', '-Xmx384m', true), 'JAVA_TOOL_OPTIONS: -Xmx900m -> -Xmx384m'],
  [wordChange('NODE_OPTIONS', null, '--max-old-space-size=384'), 'NODE_OPTIONS: --max-old-space-size=384'],
])('a change is shown to people without the rest of the value: %o', (change, words) => {
  expect(envWords(change)).toBe(words);
});
