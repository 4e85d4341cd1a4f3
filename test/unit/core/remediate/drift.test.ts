import { expect, test } from 'vitest';
import { driftOf } from '../../../../src/core/remediate/drift.ts';
import { optionName } from '../../../../src/core/remediate/option-name.ts';
import { Mi, toMore, wordChange } from '../../../fixtures/manifests.ts';

const memory = { limitBytes: 512 * Mi, requestBytes: 256 * Mi };
const same = { limit: '512Mi', request: '256Mi', variables: [] };
const name = 'JAVA_TOOL_OPTIONS';
const edit = { ...toMore, env: [wordChange(name, '-Xmx900m', '-Xmx384m', true)] };

function textsOf(file: Partial<typeof same>, live: Partial<typeof memory> = {}): string[] {
  return driftOf({ ...same, ...file }, { memory: { ...memory, ...live }, variables: [] }, toMore).map(
    ({ text }) => text,
  );
}

function optionsDrift(inFile: string, inCluster: string): string[] {
  const file = { ...same, variables: [{ name, value: inFile }] };
  return driftOf(file, { memory, variables: [{ name, value: inCluster }] }, edit).map(({ text }) => text);
}

test.each<[string, string[], string[]]>([
  ['the same in another unit', textsOf({ limit: '0.5Gi' }), []],
  [
    'a limit that the change lowers',
    textsOf({ limit: '1Gi' }),
    ['The limit in the file is 1Gi; the cluster runs with 512Mi. Merging this lowers it.'],
  ],
  ['a limit below', textsOf({ limit: '256Mi' }), ['The limit in the file is 256Mi; the cluster runs with 512Mi.']],
  [
    'another request',
    textsOf({ request: '300Mi' }),
    ['The request in the file is 300Mi; the cluster runs with 256Mi.'],
  ],
  [
    'what the file does not set',
    textsOf({ limit: null as never }),
    ['The file sets no limit; the cluster runs with 512Mi.'],
  ],
  ['a cluster that has the new value already', textsOf({}, { limitBytes: 640 * Mi, requestBytes: 640 * Mi }), []],
])('memory differs: %s', (_, told, expected) => {
  expect(told).toEqual(expected);
});

test.each<[string, string, string, string[]]>([
  ['only in the flag that changes', '-Xmx900m -Da=b', '-Xmx384m -Da=b', []],
  ['in spaces', '-Xmx900m  -Da=b', '-Xmx900m -Da=b', []],
  ['in a value', '-Xmx900m -Dpw=hunter2', '-Xmx900m -Dpw=hunter3', ['-Dpw has another value.']],
  [
    'in options of one side',
    '-Xmx900m -Da=hunter2',
    '-XX:+UseG1GC -Xmx900m',
    ['-Da is only in the file; -XX:UseG1GC is only in the cluster.'],
  ],
  [
    'in words that may be secrets',
    '-Xmx900m',
    '-Xmx900m hunter2 -phunter3',
    ['2 other words are only in the cluster.'],
  ],
  [
    'in the order',
    '-Da=1 -Db=2 -Xmx900m',
    '-Db=2 -Da=1 -Xmx900m',
    ['its options are in another order, or there more than once.'],
  ],
])('options differ %s, and no value is told', (_, inFile, inCluster, expected) => {
  const told = optionsDrift(inFile, inCluster);

  expect(told).toEqual(expected.map((how) => `${name} in the file differs from the cluster's: ${how}`));
  expect(told.join()).not.toContain('hunter');
});

test.each<[string, string | null]>([
  ['-Djavax.net.ssl.keyStorePassword=hunter2', '-Djavax.net.ssl.keyStorePassword'],
  ['-javaagent:/a.jar=key=hunter2', '-javaagent'],
  ['-XX:+UseG1GC', '-XX:UseG1GC'],
  ['-XX:MaxRAMPercentage=75', '-XX:MaxRAMPercentage'],
  ['-Xss512k', '-Xss'],
  ['--max-http-header-size=9', '--max-http-header-size'],
  ['--enable-source-maps', '--enable-source-maps'],
  ['-phunter2', null],
  ['--Hunter2', null],
  ['hunter2', null],
  [`-D${'x'.repeat(80)}=1`, null],
])('the name of %s is %s', (word, expected) => {
  expect(optionName(word)).toBe(expected);
});
