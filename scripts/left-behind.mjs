import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

const graceMs = 3_000;

/**
 * Finds the processes that inherited `variable` and are still there although the run is over, after a moment in which
 * they may end by themselves, and ends them. Only Linux shows the environment of a process; elsewhere none is found.
 * @param {string} variable like `OOMKEEPER_TEST_RUN=7f3a`
 * @returns {Promise<string[]>} their command lines
 */
export async function endLeftBehind(variable) {
  const deadline = Date.now() + graceMs;
  let found = await processesWith(variable);
  while (found.length > 0 && Date.now() < deadline) {
    await pause(100);
    found = await processesWith(variable);
  }
  for (const { pid } of found) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended between being found and being ended.
    }
  }
  return found.map(({ pid, commandLine }) => `${pid} ${commandLine}`);
}

/** @param {string} variable */
async function processesWith(variable) {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids
      .filter((pid) => pid !== process.pid)
      .map(async (pid) => {
        const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
        if (!environment.split('\0').includes(variable)) return [];
        const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
        // A process that ended and was not yet waited for has an empty command line.
        return commandLine === '' ? [] : [{ pid, commandLine: commandLine.replaceAll('\0', ' ').trim() }];
      }),
  );
  return found.flat();
}
