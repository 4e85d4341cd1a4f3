import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { doctorJson, doctorText } from '../../../src/app/doctor/doctor-text.ts';
import {
  aheadBy,
  aheadOf,
  check,
  clockOutcome,
  ok,
  problem,
  skipped,
  warning,
} from '../../../src/app/doctor/finding.ts';
import type { Finding } from '../../../src/app/doctor/finding.ts';
import { byComponent } from '../../../src/app/doctor/mend.ts';
import { Failure } from '../../../src/core/failure.ts';
import { rawCharacters } from './command-line/raw-characters.ts';

const right = (verb: string, outcome: ReturnType<typeof ok>, oneOf = 'rights of the watcher'): Finding => ({
  area: 'cluster',
  what: `watcher may ${verb}`,
  ...outcome,
  oneOf,
});

const some: readonly Finding[] = [
  { area: 'redis', what: 'reachable', ...ok('Redis answers.') },
  { area: 'slack', what: 'scopes', ...warning('One is missing.', 'Add it.') },
  right('list pods', ok('Allowed.')),
  right('watch pods', problem('Not allowed.', byComponent('Grant it.', 'act'))),
  right('list events', ok('Allowed.')),
  right('patch', skipped('Needed later.'), 'rights to act'),
  right('resize', skipped('Needed later.'), 'rights to act'),
];

describe('for a person', () => {
  test('each area with its findings; what is well of a group is one line, what is not says how to mend it', () => {
    expect(stripVTControlCharacters(doctorText(some, { width: 80, isInstalled: false })).split('\n')).toEqual([
      'redis',
      '  ✓ ok       reachable: Redis answers.',
      '',
      'slack',
      '  ! warning  scopes: One is missing.',
      '             To fix it: Add it.',
      '',
      'cluster',
      '  ✓ ok       rights of the watcher: 2 of 3 are there.',
      '  ✗ problem  watcher may watch pods: Not allowed.',
      '             To fix it: Grant it.',
      '  · skipped  rights to act: 2 of them: Needed later.',
      '',
      '1 problem, 1 warning.',
      '',
    ]);
  });

  test('in a cluster it shows how Helm and Kustomize do it, in one line each that can be copied', () => {
    const text = stripVTControlCharacters(doctorText(some, { width: 40, isInstalled: true }));

    expect(text).toContain(
      [
        '             To fix it: Grant it.',
        '             With Helm: helm upgrade oomkeeper CHART -n oomkeeper --reset-then-reuse-values --set mode=act',
        '             With Kustomize: add to components: deploy/kubernetes/components/act; kubectl apply -k .',
      ].join('\n'),
    );
    expect(text).toContain('To fix it: Add it.\n\ncluster');
  });

  test('when all is well it says so', () => {
    expect(
      doctorText([{ area: 'redis', what: 'reachable', ...ok('Redis answers.') }], { width: 80, isInstalled: false }),
    ).toMatch(/\n\nAll is well\.\n$/);
  });

  test.each([40, 80])('no line is longer than %i columns', (width) => {
    const long: Finding = { area: 'forge', what: 'shop/infra', ...problem('word '.repeat(50), 'mend '.repeat(50)) };

    const lines = stripVTControlCharacters(doctorText([long], { width, isInstalled: false })).split('\n');

    expect(lines.length).toBeGreaterThan(5);
    expect(lines.filter((line) => line.length > width)).toEqual([]);
  });

  test('the words of others form no escape sequence and no line', () => {
    const evil = 'x\u001b[2J\r\ny\u202e';
    const text = doctorText([{ area: 'forge', what: evil, ...problem(evil, evil) }], {
      width: Infinity,
      isInstalled: true,
    });

    expect(stripVTControlCharacters(text)).toContain('x [2J y : x [2J y');
    expect(text.split('\n')).toHaveLength(6);
    expect(stripVTControlCharacters(text)).not.toMatch(rawCharacters);
    expect(text).not.toContain('\u001b[2J');
  });
});

test('--json has every finding with the same fields, and a summary that counts them', () => {
  const lines = doctorJson(some).trimEnd().split('\n');
  const objects = lines.map((line): unknown => JSON.parse(line));

  expect(objects.slice(0, -1)).toHaveLength(some.length);
  expect(objects[3]).toEqual({
    area: 'cluster',
    what: 'watcher may watch pods',
    state: 'problem',
    text: 'Not allowed.',
    mend: 'Grant it.',
    helm: 'helm upgrade oomkeeper CHART -n oomkeeper --reset-then-reuse-values --set mode=act',
    kustomize: 'add to components: deploy/kubernetes/components/act; kubectl apply -k .',
  });
  expect(objects.at(-1)).toEqual({ summary: true, ok: 3, warning: 1, problem: 1, skipped: 2 });
});

test.each([
  [0, 'ok', "The clock of Redis agrees with this machine's."],
  [1_999, 'ok', "The clock of Redis agrees with this machine's."],
  [2_000, 'warning', "The clock of Redis is 2 s ahead of this machine's."],
  [-59_400, 'warning', "The clock of Redis is 59 s behind this machine's."],
  [60_000, 'problem', "The clock of Redis is 60 s ahead of this machine's."],
  [-3_600_000, 'problem', "The clock of Redis is 3600 s behind this machine's."],
])('a clock %i ms ahead', (aheadMs, state, text) => {
  expect(clockOutcome('Redis', aheadMs)).toMatchObject({ state, text });
  expect(clockOutcome('Redis', aheadMs).mend === null).toBe(state === 'ok');
});

test.each([
  ['Tue, 24 Nov 2026 14:02:11 GMT', 0],
  ['Tue, 24 Nov 2026 14:02:10 GMT', 0],
  ['Tue, 24 Nov 2026 14:02:21 GMT', 9_700],
  ['Tue, 24 Nov 2026 14:02:01 GMT', -9_000],
  ['yesterday', null],
  [undefined, null],
  [null, null],
])('the header Date: %s', (date, ahead) => {
  const before = Date.UTC(2026, 10, 24, 14, 2, 11);

  expect(aheadBy(date, { before, after: before + 300 })).toBe(ahead);
});

test('an answer that takes long is no clock that is off', () => {
  expect(aheadOf(5_000, 1, { before: 0, after: 6_000 })).toBe(0);
  expect(aheadOf(7_000, 1, { before: 0, after: 6_000 })).toBe(1_000);
  expect(aheadOf(-2_000, 1, { before: 0, after: 6_000 })).toBe(-1_999);
});

test.each([
  [new Failure('redis-unreachable', 'Redis cannot be reached.'), 'Redis cannot be reached.'],
  [new TypeError('x is not a function'), 'The check itself failed: TypeError: x is not a function.'],
])('what fails is a problem, and how to mend it is said (%s)', async (error, text) => {
  const finding = await check('redis', 'reachable', 'Start it.', () => {
    throw error;
  });

  expect(finding).toEqual({ area: 'redis', what: 'reachable', ...problem(text, 'Start it.') });
});
