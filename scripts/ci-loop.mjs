import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { capture } from './child.mjs';
import { elapsed, say } from './progress.mjs';
import { projectRoot } from './project.mjs';

/**
 * Is the build green every time, and on a machine with other things to do? Runs `.ci/run` again and again, each time in a
 * fresh clone of what is committed here, and prints one line for each run:
 *
 *     node scripts/ci-loop.mjs --runs 6
 *     node scripts/ci-loop.mjs --runs 6 --busy 2     with two busy loops beside
 *
 * What a red run wrote is kept in .cache/ci-loop.
 */
const longestRunMs = 30 * 60_000;
const graceMs = 20_000;
const { values } = parseArgs({
  options: { runs: { type: 'string', default: '6' }, busy: { type: 'string', default: '0' } },
});
const [runs, busy] = [Number(values.runs), Number(values.busy)];
const kept = join(projectRoot, '.cache', 'ci-loop');
const shared = join(projectRoot, '..', 'shared');

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    for (const child of running) endGroup(child, 'SIGTERM');
    process.exitCode = 130;
  });
}

let red = 0;
for (let run = 1; run <= runs && process.exitCode === undefined; run += 1) {
  const folder = await mkdtemp(join(tmpdir(), 'oomkeeper-ci-'));
  const loops = Array.from({ length: busy }, () => start(process.execPath, ['-e', busyLoop()]));
  try {
    const { code, last, tookText } = await runOnce(folder);
    if (code !== 0) {
      red += 1;
      await mkdir(kept, { recursive: true });
      const name = `run-${run}-busy-${busy}`;
      await copyFile(join(folder, 'log'), join(kept, `${name}.log`));
      const faults = join(folder, 'clone', '.cache', 'faults');
      if (existsSync(faults)) await cp(faults, join(kept, name), { recursive: true });
    }
    process.stdout.write(
      `| ${run} | ${busy} busy loops | ${code === 0 ? 'green' : `red (${code})`} | ${tookText} | ${last} |\n`,
    );
  } finally {
    for (const loop of loops) endGroup(loop, 'SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}
say(`${red} of ${runs} were red${red === 0 ? '' : `; see ${kept}`}`);
process.exitCode ??= red === 0 ? 0 : 1;

/**
 * @param {string} folder
 * @returns {Promise<{code: number | string, last: string, tookText: string}>}
 */
async function runOnce(folder) {
  const clone = join(folder, 'clone');
  const cloned = await capture('git', ['clone', '--quiet', '--no-hardlinks', projectRoot, clone]);
  if (cloned.code !== 0) throw new Error(`git clone ended with ${cloned.code}: ${cloned.output}`);
  // The larger recordings lie beside the repository, where they are there.
  if (existsSync(shared)) await symlink(shared, join(folder, 'shared'));
  const started = performance.now();
  const child = start('bash', ['-c', 'exec bash .ci/run 2>&1'], clone);
  let end = '';
  child.stdout?.on('data', (chunk) => {
    end = `${end}${chunk}`.slice(-1_000);
  });
  const log = createWriteStream(join(folder, 'log'));
  const late = setTimeout(() => {
    endGroup(child, 'SIGTERM');
    setTimeout(() => endGroup(child, 'SIGKILL'), graceMs).unref();
  }, longestRunMs);
  const ended = once(child, 'exit');
  if (child.stdout) await pipeline(child.stdout, log);
  const [code, signal] = await ended;
  clearTimeout(late);
  return { code: code ?? signal, last: end.trimEnd().split('\n').at(-1) ?? '', tookText: elapsed(started) };
}

/**
 * A child with a process group of its own.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} [cwd]
 */
function start(command, args, cwd) {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function endGroup({ pid, exitCode, signalCode }, signal) {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, signal);
}

/** It ends by itself if nobody ends it. */
function busyLoop() {
  return `const over = Date.now() + ${longestRunMs + graceMs}; while (Date.now() < over);`;
}
