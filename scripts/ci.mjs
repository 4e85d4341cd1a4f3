import { foreground } from './child.mjs';
import { countScenarios, countsLine, readCounts, sum } from './counts.mjs';
import { elapsed, say } from './progress.mjs';
import { projectRoot } from './project.mjs';

/** @import {Counts} from './counts.mjs' */

const failure = { passed: 0, failed: 1, skipped: 0 };

/**
 * Both commands of the README, as a person would type them. Runs on the Node that is there, before anything is
 * installed.
 */
const counts = sum([await runTests(), await runDemoCheck()]);
process.stdout.write(`${countsLine(counts)}\n`);
process.exitCode = counts.failed === 0 ? 0 : 1;

/** @returns {Promise<Counts>} */
async function runTests() {
  const { code, output } = await npm(['test'], (chunk) => process.stdout.write(chunk));
  const last = readCounts(output.trimEnd().split('\n').at(-1) ?? '');
  if (last && (code === 0) === (last.failed === 0)) return last;
  say(`npm test ended with ${code} and without its last line`);
  return last ? sum([last, failure]) : failure;
}

/** @returns {Promise<Counts>} */
async function runDemoCheck() {
  const started = performance.now();
  say('demo --check');
  const { code, output } = await npm(['run', '-s', 'demo', '--', '--check', '--json']);
  try {
    const scenarios = countScenarios(output);
    /** @type {{scenarios: {name: string, ok: boolean}[]}} */
    const report = JSON.parse(output);
    for (const { name, ok } of report.scenarios) say(`  ${ok ? 'ok' : 'FAILED'} ${name}`);
    say(`demo --check: exit code ${code} after ${elapsed(started)}`);
    if (scenarios.failed > 0) process.stdout.write(`${output.trimEnd()}\n`);
    return code !== 0 && scenarios.failed === 0 ? sum([scenarios, failure]) : scenarios;
  } catch (error) {
    say(`demo --check ended with ${code}, and printed no report: ${String(error)}\n${output.slice(0, 2000)}`);
    return failure;
  }
}

/**
 * @param {readonly string[]} args
 * @param {(chunk: Buffer) => void} [onOutput]
 */
async function npm(args, onOutput) {
  /** @type {Buffer[]} */
  const chunks = [];
  const code = await foreground('npm', args, {
    cwd: projectRoot,
    stdin: 'ignore',
    stdout: 'pipe',
    onOutput: (chunk) => {
      chunks.push(chunk);
      onOutput?.(chunk);
    },
  });
  return { code, output: Buffer.concat(chunks).toString('utf8') };
}
