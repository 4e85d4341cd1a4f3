/** @type {typeof import('./counts.mjs').countTests} */
export function countTests(json) {
  /** @type {{testResults: {status: string, assertionResults: {status: string}[]}[]}} */
  const { testResults } = JSON.parse(json);
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const passed = tests.filter(({ status }) => status === 'passed').length;
  const failedTests = tests.filter(({ status }) => status === 'failed').length;
  const failedFiles = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed'),
  ).length;
  return { passed, failed: failedTests + failedFiles, skipped: tests.length - passed - failedTests };
}

/** @type {typeof import('./counts.mjs').countScenarios} */
export function countScenarios(json) {
  /** @type {{ok: boolean, scenarios: {name: string, ok: boolean}[]}} */
  const { ok, scenarios } = JSON.parse(json);
  const passed = scenarios.filter((scenario) => scenario.ok).length;
  const failed = scenarios.length - passed;
  const isContradiction = failed === 0 && (!ok || scenarios.length === 0);
  return { passed, failed: isContradiction ? 1 : failed, skipped: 0 };
}

/** @type {typeof import('./counts.mjs').readCounts} */
export function readCounts(line) {
  const match = /^(\d+) passed, (\d+) failed, (\d+) skipped$/.exec(line.trim());
  if (!match) return undefined;
  const [passed = 0, failed = 0, skipped = 0] = match.slice(1).map(Number);
  return { passed, failed, skipped };
}

/** @type {typeof import('./counts.mjs').sum} */
export function sum(counts) {
  return counts.reduce(
    (left, right) => ({
      passed: left.passed + right.passed,
      failed: left.failed + right.failed,
      skipped: left.skipped + right.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
}

/** @type {typeof import('./counts.mjs').countsLine} */
export function countsLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
