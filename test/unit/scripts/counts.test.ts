import { describe, expect, test } from 'vitest';
import { countScenarios, countsLine, countTests, readCounts, sum } from '../../../scripts/counts.mjs';

const file = (status: string, ...tests: readonly string[]) => ({
  status,
  assertionResults: tests.map((each) => ({ status: each })),
});
const scenario = (ok: boolean) => ({ name: 'any', ok });

describe('the counts of a run', () => {
  test.each([
    ['tests by their state', [file('passed', 'passed', 'skipped', 'pending')], '1 passed, 0 failed, 2 skipped'],
    ['a failed test once, not its file', [file('failed', 'failed', 'passed')], '1 passed, 1 failed, 0 skipped'],
    ['a file that could not be loaded as a failure', [file('failed')], '0 passed, 1 failed, 0 skipped'],
    ['a file whose set-up failed', [file('failed', 'skipped', 'skipped')], '0 passed, 1 failed, 2 skipped'],
    ['nothing where there is nothing', [], '0 passed, 0 failed, 0 skipped'],
  ])('hold %s', (_what, testResults, line) => {
    const counts = countTests(JSON.stringify({ testResults }));

    expect(countsLine(counts)).toBe(line);
  });

  test.each([
    ['each scenario as one', { ok: false, scenarios: [scenario(true), scenario(false)] }, [1, 1]],
    [
      'a failure where the whole is not ok and no scenario says why',
      { ok: false, scenarios: [scenario(true)] },
      [1, 1],
    ],
    ['a failure where nothing was played', { ok: true, scenarios: [] }, [0, 1]],
    ['no failure where all is ok', { ok: true, scenarios: [scenario(true), scenario(true)] }, [2, 0]],
  ])('hold %s', (_what, report, [passed, failed]) => {
    const counts = countScenarios(JSON.stringify(report));

    expect(counts).toEqual({ passed, failed, skipped: 0 });
  });

  test('can be read back from their line, and from no other line', () => {
    const counts = { passed: 12, failed: 3, skipped: 1 };

    expect(readCounts(`${countsLine(counts)}\n`)).toEqual(counts);
    expect(readCounts('Tests 12 passed, 3 failed, 1 skipped')).toBeUndefined();
  });

  test('of several runs add up', () => {
    const total = sum([
      { passed: 1, failed: 2, skipped: 3 },
      { passed: 10, failed: 20, skipped: 30 },
    ]);

    expect(total).toEqual({ passed: 11, failed: 22, skipped: 33 });
  });
});
