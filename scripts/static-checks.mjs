import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from './child.mjs';
import { projectEnvironment } from './install.mjs';
import { elapsed } from './progress.mjs';
import { cacheRoot, projectRoot } from './project.mjs';

/**
 * For types and lint, both written in Go: checkers beside each other each work out most of the types again, and to collect
 * garbage less often costs no more memory than that did. Together 24 s of processor time instead of 47 s.
 */
const frugalGo = { GOMAXPROCS: '1', GOGC: '400' };

/** Everything that must hold and needs no test to run. `needs` is a file without which there is nothing to check. */
const checks = [
  { name: 'types', command: typesOf('.', 'everything') },
  {
    name: 'types of the Slack page',
    command: typesOf('sandbox/slack/page', 'slack-page'),
    needs: 'sandbox/slack/page',
  },
  {
    name: 'types of the GitHub page',
    command: typesOf('sandbox/github/page', 'github-page'),
    needs: 'sandbox/github/page',
  },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings', '--report-unused-disable-directives', '.'] },
  { name: 'format', command: ['oxfmt', '--check', '.'] },
  { name: 'unused code', command: ['knip', '--no-progress', '--no-config-hints'] },
  { name: 'what production never reaches', command: ['node', 'scripts/unreached.ts'] },
  { name: 'regular expressions are linear', command: ['node', 'scripts/linear-regexes.ts'] },
];

/**
 * Runs all of them beside each other, also after one has failed.
 * @param {{behind?: boolean}} [options] `behind`: gives way to what runs beside it. Not by more than that: a machine that
 *   is busy with something else would keep it waiting for many minutes.
 * @returns {Promise<{passed: number, failed: string[], report: string}>} how many passed, the names of the others, and
 *   for whoever reads it a line for each with the output of those that failed
 */
export async function runStaticChecks({ behind = false } = {}) {
  let report = '';
  /** @type {string[]} */
  const failed = [];
  const applicable = checks.filter(({ needs }) => needs === undefined || existsSync(join(projectRoot, needs)));
  const env = { ...projectEnvironment(), ...frugalGo };
  const running = applicable.map(async ({ name, command }) => {
    const started = performance.now();
    const [program = '', ...args] = behind ? ['nice', '-n', '5', ...command] : command;
    const { code, output } = await capture(program, args, { cwd: projectRoot, env });
    return { name, command, code, output, took: elapsed(started) };
  });
  for (const { name, command, code, output, took } of await Promise.all(running)) {
    report += `${name}: ${code === 0 ? 'ok' : 'FAILED'} in ${took}\n`;
    if (code !== 0) {
      failed.push(name);
      report += `  ${command.join(' ')}\n${output.trimEnd()}\n\n`;
    }
  }
  return { passed: applicable.length - failed.length, failed, report };
}

/**
 * Where a check keeps what it found out about files that have not changed since.
 * @param {string} name
 */
function kept(name) {
  return join(cacheRoot, 'checks', name);
}

/**
 * @param {string} project
 * @param {string} name
 */
function typesOf(project, name) {
  const buildInfo = kept(`${name}.tsbuildinfo`);
  return ['tsc', '--noEmit', '--checkers', '1', '-p', project, '--incremental', '--tsBuildInfoFile', buildInfo];
}
