import { readdir, readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { foreground } from './child.mjs';
import { countScenarios, countsLine, readCounts, sum } from './counts.mjs';
import { longProjects } from './long-projects.mjs';
import { elapsed, say } from './progress.mjs';
import { projectRoot } from './project.mjs';

/** @import {Counts} from './counts.mjs' */

const failure = { passed: 0, failed: 1, skipped: 0 };

/**
 * What is said again right before the last line: a long log is often kept by its end only.
 * @type {string[]}
 */
const failedStories = [];
/** @type {NodeJS.Signals | undefined} */
let stopped;
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.on(signal, () => {
    stopped = signal;
  });

/**
 * Both commands of the README, as a person would type them, and then, alone, what takes too long for every `npm test`
 * (test/long.ts, and the store over more than one Redis). Runs on the Node that is there, before anything is installed.
 */
const counts = sum([
  await runTests(),
  await runDemoCheck(),
  await runTests(await longFiles(), { OOMKEEPER_TEST_LONG: 'true' }),
  await runTests(longProjects.flatMap((name) => ['--project', name])),
]);
await sayAudit();
for (const story of failedStories) say(story);
process.stdout.write(`${countsLine(counts)}\n`);
process.exitCode = counts.failed === 0 ? 0 : 1;

/**
 * The files of tests that `npm test` skips: all that ask test/long.ts.
 * @returns {Promise<string[]>}
 */
async function longFiles() {
  const all = await readdir(join(projectRoot, 'test'), { recursive: true });
  const files = all.filter((name) => name.endsWith('.test.ts')).map((name) => join('test', name));
  const texts = await Promise.all(files.map((file) => readFile(join(projectRoot, file), 'utf8')));
  return files.filter((_, at) => texts[at]?.includes("/long.ts'")).toSorted();
}

/**
 * @param {readonly string[]} [selection] arguments for vitest; all tests without
 * @param {Readonly<Record<string, string>>} [environment] beside the one that is there
 * @returns {Promise<Counts>}
 */
async function runTests(selection = [], environment = {}) {
  const args = selection.length === 0 ? ['test'] : ['test', '--', ...selection];
  const { code, output } = await npm(args, { environment, onOutput: (chunk) => process.stdout.write(chunk) });
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
    /** @type {{scenarios: {name: string, ok: boolean, problems: string[]}[]}} */
    const report = JSON.parse(output);
    for (const { name, ok } of report.scenarios) say(`  ${ok ? 'ok' : 'FAILED'} ${name}`);
    say(`demo --check: exit code ${code} after ${elapsed(started)}`);
    for (const { name, ok, problems } of report.scenarios)
      if (!ok) failedStories.push(`FAILED story ${name}: ${problems.join('; ')}`);
    return code !== 0 && scenarios.failed === 0 ? sum([scenarios, failure]) : scenarios;
  } catch (error) {
    say(`demo --check ended with ${code}, and printed no report: ${String(error)}\n${output.slice(0, 2000)}`);
    return failure;
  }
}

/**
 * Says what is known to be weak in a production install, where the registry answers that; not every mirror does. It makes
 * no build red: an advisory of today says nothing about the change that is built.
 */
async function sayAudit() {
  const { output } = await npm(['audit', '--omit=dev', '--json']);
  /** @type {{message?: string, metadata?: {vulnerabilities: Record<string, number>}, vulnerabilities?: Record<string, {severity: string}>}} */
  const report = JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1) || '{}');
  if (report.metadata === undefined) {
    say(`npm audit: not done, the registry does not answer it (${report.message ?? 'no report'})`);
    return;
  }
  const found = Object.entries(report.vulnerabilities ?? {}).map(([name, { severity }]) => `${name} (${severity})`);
  say(`npm audit: ${found.length === 0 ? 'nothing known' : `WARNING: ${found.join(', ')}; see npm audit --omit=dev`}`);
}

/**
 * What was begun has ended by itself when this returns. Where it or this process was told to stop, nothing else is begun:
 * whoever stops a build does not want the rest of it.
 * @param {readonly string[]} args
 * @param {{environment?: Readonly<Record<string, string>>, onOutput?: (chunk: Buffer) => void}} [options]
 */
async function npm(args, { environment = {}, onOutput } = {}) {
  /** @type {Buffer[]} */
  const chunks = [];
  const code = await foreground('npm', args, {
    cwd: projectRoot,
    env: { ...process.env, ...environment },
    stdin: 'ignore',
    stdout: 'pipe',
    onOutput: (chunk) => {
      chunks.push(chunk);
      onOutput?.(chunk);
    },
  });
  if (stopped !== undefined || code > 128) {
    say(`npm ${args.join(' ')} was stopped; nothing else is run`);
    process.stdout.write(`${countsLine(failure)}\n`);
    process.exit(stopped === undefined ? code : 128 + constants.signals[stopped]);
  }
  return { code, output: Buffer.concat(chunks).toString('utf8') };
}
