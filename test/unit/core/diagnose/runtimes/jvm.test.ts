import { describe, expect, test } from 'vitest';

import { jvmFlags, jvmHeapUnder } from '../../../../../src/core/diagnose/runtimes/jvm.ts';
import { readable } from '../../../../fixtures/findings.ts';

const Mi = 2 ** 20;

interface Given {
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly image?: string;
}

function flagsOf({ env = {}, args = [], image = 'shop:1' }: Given) {
  return readable(jvmFlags({ env, args, image }));
}

/** The heap in Mi, rounded down, under a limit in Mi. */
function heapUnder(given: Given, limit: number): number | null {
  const bytes = jvmHeapUnder(flagsOf(given), limit * Mi);
  return bytes === null ? null : Math.floor(bytes / Mi);
}

describe('the flags of a JVM', () => {
  test.each<[string, Given, string | null, number | null]>([
    ['-Xmx in m', { env: { JAVA_TOOL_OPTIONS: '-Xmx512m' } }, '-Xmx512m', 512],
    ['-Xmx in g, in capitals', { env: { JAVA_TOOL_OPTIONS: '-Xmx2G -Dfoo=bar' } }, '-Xmx2G', 2048],
    ['-Xmx in k', { env: { JDK_JAVA_OPTIONS: '-Xmx524288k' } }, '-Xmx524288k', 512],
    ['-Xmx in bytes', { env: { JDK_JAVA_OPTIONS: '-Xmx536870912' } }, '-Xmx536870912', 512],
    ['the long form', { args: ['java', '-XX:MaxHeapSize=300m', '-jar', 'a.jar'] }, '-XX:MaxHeapSize=300m', 300],
    ['the last of two', { env: { JAVA_TOOL_OPTIONS: '-Xmx512m -Xmx600m' } }, '-Xmx600m', 600],
    [
      'the command line over the variables',
      { env: { JAVA_TOOL_OPTIONS: '-Xmx1g', JDK_JAVA_OPTIONS: '-Xmx2g' }, args: ['java', '-Xmx3g', '-jar', 'a.jar'] },
      '-Xmx3g',
      3072,
    ],
    [
      '_JAVA_OPTIONS over the command line',
      { env: { _JAVA_OPTIONS: '-Xmx1g' }, args: ['java', '-Xmx3g', '-jar', 'a.jar'] },
      '-Xmx1g',
      1024,
    ],
    ['a shell', { args: ['sh', '-c', 'exec java -Xmx700m -jar /a.jar'] }, '-Xmx700m', 700],
    ['the path of java', { args: ['/opt/jdk/bin/java', '-cp', 'a:b', '-Xmx700m', 'Main'] }, '-Xmx700m', 700],
    ['arguments of an image that starts java', { args: ['-Xmx700m', '-jar', 'a.jar'] }, '-Xmx700m', 700],
    [
      'a variable in the arguments',
      { env: { JAVA_OPTS: '-Xms64m -Xmx700m' }, args: ['sh', '-c', 'java $JAVA_OPTS -jar a.jar'] },
      '-Xmx700m',
      700,
    ],
    ["no flag of the program's own", { args: ['java', '-jar', 'a.jar', '-Xmx700m'] }, null, null],
    ['no flag behind the main class', { args: ['java', 'Main', '-Xmx700m'] }, null, null],
    ['no flag of another program', { args: ['/start.sh', '-Xmx700m'] }, null, null],
    ['no half of a flag', { env: { JAVA_TOOL_OPTIONS: '-Xmx$HEAP -Xmx -Xmxm' } }, null, null],
  ])('tell of %s', (_, given, text, size) => {
    const { maxBytes } = flagsOf(given);

    expect([maxBytes?.text ?? null, maxBytes === null ? null : maxBytes.value / Mi]).toEqual([text, size]);
  });

  test.each<[string, Given, unknown]>([
    ['by the JVM', { env: { JAVA_TOOL_OPTIONS: '-Xmx1m' } }, { in: 'env', name: 'JAVA_TOOL_OPTIONS', certain: true }],
    ['perhaps, by a start script', { env: { JAVA_OPTS: '-Xmx1m' } }, { in: 'env', name: 'JAVA_OPTS', certain: false }],
    [
      'for certain, where the command names it',
      { env: { JAVA_OPTS: '-Xmx1m' }, args: ['java', '$(JAVA_OPTS)', '-jar', 'a.jar'] },
      { in: 'env', name: 'JAVA_OPTS', certain: true },
    ],
    ['in the arguments', { args: ['java', '-Xmx1m'] }, { in: 'args' }],
    [
      'of a variable that surely counts before one that may',
      { env: { JAVA_OPTS: '-Xmx9m', JAVA_TOOL_OPTIONS: '-Xmx1m' } },
      { in: 'env', name: 'JAVA_TOOL_OPTIONS', certain: true },
    ],
  ])('are read %s', (_, given, place) => {
    expect(flagsOf(given).maxBytes?.place).toEqual(place);
  });
});

describe('the heap of a JVM', () => {
  const percent75 = { env: { JAVA_TOOL_OPTIONS: '-XX:MaxRAMPercentage=75.0' } };

  test.each<[string, Given, number, number]>([
    ['a quarter without a flag', {}, 1024, 256],
    ['half of a small limit without a flag', {}, 200, 100],
    ['at least what half of a small limit gives', {}, 300, 124],
    ['the percentage', percent75, 1024, 768],
    // Recorded: one service lived at 224Mi, was killed at 272Mi, and lived at 336Mi.
    ['half of a small limit in spite of the percentage', percent75, 224, 112],
    ['the percentage again above it', percent75, 272, 204],
    ['the percentage for small limits', { env: { JAVA_TOOL_OPTIONS: '-XX:MinRAMPercentage=80' } }, 100, 80],
    ['the fraction of old versions', { env: { JAVA_TOOL_OPTIONS: '-XX:MaxRAMFraction=2' } }, 1024, 512],
    ['-Xmx whatever the percentage', { env: { JAVA_TOOL_OPTIONS: '-Xmx300m -XX:MaxRAMPercentage=75' } }, 1024, 300],
    ['at least the initial heap', { env: { JAVA_TOOL_OPTIONS: '-Xms400m' } }, 1024, 400],
    ['half of a limit below 1Gi for OpenJ9', { image: 'ibm-semeru-runtimes:17' }, 512, 256],
    ['all but 512Mi below 2Gi for OpenJ9', { image: 'adoptopenjdk:11-openj9' }, 1536, 1024],
  ])('is %s', (_, given, limit, heap) => {
    expect(heapUnder(given, limit)).toBe(heap);
  });

  test('is not known where the JVM does not see the limit', () => {
    expect(heapUnder({ env: { JAVA_TOOL_OPTIONS: '-XX:-UseContainerSupport' } }, 1024)).toBeNull();
  });
});
