export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Counts what the test runner reported. A file that could not be loaded, or whose set-up failed, holds no failed test
 * and counts as one.
 * @param json the report of vitest's `json` reporter
 * @throws SyntaxError where it is no JSON
 */
export function countTests(json: string): Counts;

/**
 * Counts the scenarios of `demo --check --json`. A report that says "not ok" although each scenario is, and one that
 * holds no scenario, is a failure too.
 * @throws SyntaxError where it is no JSON
 */
export function countScenarios(json: string): Counts;

/** Reads the last line of `npm test`; nothing where it is not such a line. */
export function readCounts(line: string): Counts | undefined;

export function sum(counts: readonly Counts[]): Counts;

/** The line by which other tools read the result: `12 passed, 0 failed, 1 skipped`. */
export function countsLine(counts: Counts): string;
