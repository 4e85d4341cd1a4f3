import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { foreground } from './child.mjs';
import { countTests, countsLine, sum } from './counts.mjs';
import { projectEnvironment } from './install.mjs';
import { endLeftBehind } from './left-behind.mjs';
import { fetchAlertmanager } from './fetch-alertmanager.mjs';
import { fetchPrometheus } from './fetch-prometheus.mjs';
import { longProjects } from './long-projects.mjs';
import { elapsed } from './progress.mjs';
import { programsRoot, projectRoot } from './project.mjs';
import { locateValkey, startRedis } from './redis/redis.mjs';
import { runStaticChecks } from './static-checks.mjs';
import { temporaryRoot } from './temporary-root.mjs';

/**
 * All that must hold. Arguments go to vitest (`-- --project unit`, `-- screen`), and then only tests are run.
 * One Redis serves the whole run; tests keep apart by their cluster's name.
 */
const started = performance.now();
const selection = process.argv.slice(2);
/** @param {string} line */
const print = (line) => process.stdout.write(`${line}\n`);

// Tests wait a lot; what they leave of the processors is enough for the checks.
const checking = selection.length === 0 ? runStaticChecks({ behind: true }) : undefined;
if (selection.length > 0) print(`tests only, selected by: ${selection.join(' ')}`);
else print(`without the projects ${longProjects.join(', ')}: bash .ci/run tests them at the end, alone`);

// Everything temporary lies in one folder, so that nothing can be left of it.
const temporary = await mkdtemp(join(await temporaryRoot(), 'oomkeeper-test-'));
const run = `OOMKEEPER_TEST_RUN=${randomUUID()}`;
const redis = await startRedis({ log: print });
// Fetching it takes a moment: not for whoever wants something else.
const valkey = selection.includes('valkey') ? await locateValkey(print) : 'it was not asked for';
// Large, so that only who asks for it gets it.
if (process.env['OOMKEEPER_TEST_PROMETHEUS'] === 'fetch') {
  const failed = await fetchPrometheus(print);
  if (failed !== undefined) print(`Prometheus: ${failed}`);
}
if (process.env['OOMKEEPER_TEST_ALERTMANAGER'] === 'fetch') {
  const failed = await fetchAlertmanager(print);
  if (failed !== undefined) print(`Alertmanager: ${failed}`);
}
/** @type {string[]} */
const problems = [];
let counts = { passed: 0, failed: 0, skipped: 0 };
try {
  const { tests, problem } = await runTests();
  counts = sum([counts, tests]);
  if (problem) problems.push(problem);
  const left = await endLeftBehind(run);
  if (left.length > 0) {
    counts = sum([counts, { passed: 0, failed: 1, skipped: 0 }]);
    problems.push(`left behind by the tests, and ended now:\n  ${left.join('\n  ')}`);
  }
  const checks = await checking;
  if (checks) {
    process.stdout.write(checks.report);
    counts = sum([counts, { passed: checks.passed, failed: checks.failed.length, skipped: 0 }]);
    problems.push(...checks.failed.map((name) => `${name} (see above)`));
  }
} finally {
  await redis.stop();
  await rm(temporary, { recursive: true, force: true });
}

for (const problem of problems) print(`failed: ${problem}`);
print(`all of it took ${elapsed(started)}`);
print(countsLine(counts));
process.exitCode = counts.failed === 0 ? 0 : 1;

/** @returns {Promise<{tests: import('./counts.mjs').Counts, problem?: string}>} */
async function runTests() {
  const report = join(temporary, 'report.json');
  const reporters = ['default', 'json', './scripts/skip-reasons.mjs'].flatMap((name) => ['--reporter', name]);
  // Into a pipe vitest writes colours too, and they hide the words from whoever searches the log.
  const colours = process.stdout.isTTY ? {} : { NO_COLOR: '1' };
  const [runName = '', runId = ''] = run.split('=');
  const code = await foreground(
    join(programsRoot, 'vitest'),
    // Much of what is tested waits, so that more files than there are processors keep all of them busy.
    [
      'run',
      `--maxWorkers=${Math.ceil(availableParallelism() * 2)}`,
      ...reporters,
      `--outputFile.json=${report}`,
      ...(selection.length > 0 ? selection : longProjects.map((name) => `--project=!${name}`)),
    ],
    {
      cwd: projectRoot,
      stdin: 'ignore',
      env: {
        ...projectEnvironment(),
        ...colours,
        TMPDIR: temporary,
        OOMKEEPER_TEST_REDIS_URL: redis.url,
        OOMKEEPER_TEST_VALKEY: JSON.stringify(valkey),
        [runName]: runId,
      },
    },
  );
  const json = await readFile(report, 'utf8').catch(() => undefined);
  if (json === undefined) {
    return { tests: { passed: 0, failed: 1, skipped: 0 }, problem: `vitest ended with ${code} and without a report` };
  }
  const tests = countTests(json);
  if (tests.failed > 0) return { tests, problem: `${tests.failed} tests (see above)` };
  // An error outside of any test fails the run, and the report doesn't show it.
  if (code !== 0) return { tests: { ...tests, failed: 1 }, problem: `vitest ended with ${code} (see above)` };
  return { tests };
}
