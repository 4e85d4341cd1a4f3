import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** @import {ChildProcess} from 'node:child_process' */

/** @type {readonly NodeJS.Signals[]} */
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a program to its end and keeps what it wrote. Where this process is told to stop meanwhile, the program is
 * stopped first, and then this process, if nothing else runs in it.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv}} [options]
 * @returns {Promise<{code: number, output: string}>} its exit code (127 where it could not be started) and its
 *   standard output and error in the order of arrival
 */
export function capture(command, args, options = {}) {
  return new Promise((resolve) => {
    /** @type {Buffer[]} */
    const chunks = [];
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const passing = passSignals(child);
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.on('error', (error) => {
      passing.end();
      resolve({ code: 127, output: error.message });
    });
    child.on('close', (code, signal) => {
      const received = passing.end();
      // Whoever runs another program yet decides: a second signal would cut the orderly stop of that one short.
      if (received && process.listenerCount(received) === 0) process.kill(process.pid, received);
      else resolve({ code: exitCode(code, signal), output: Buffer.concat(chunks).toString('utf8') });
    });
  });
}

/**
 * Runs a program in the foreground: it has this process's terminal, and it is told of every wish to stop.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv, stdin?: 'inherit' | 'ignore', stdout?: 'inherit' | 'pipe',
 *   onOutput?: (chunk: Buffer) => void}} [options] `onOutput` is given the standard output where `stdout` is `pipe`
 * @returns {Promise<number>} its exit code, 128 + n where signal n ended it
 */
export function foreground(command, args, options = {}) {
  const { onOutput, stdin = 'inherit', stdout = 'inherit', ...rest } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...rest, stdio: [stdin, stdout, 'inherit'] });
    if (onOutput) child.stdout?.on('data', onOutput);
    const passing = passSignals(child);
    child.on('error', (error) => {
      passing.end();
      reject(error);
    });
    child.on('close', (code, signal) => {
      passing.end();
      resolve(exitCode(code, signal));
    });
  });
}

/**
 * NOTE: a terminal sends Ctrl-C to the child too; sending it a second time would cut its orderly stop short.
 * @param {ChildProcess} child
 * @returns {{end: () => NodeJS.Signals | undefined}} `end` gives the signal that came meanwhile, if one did
 */
function passSignals(child) {
  /** @type {NodeJS.Signals | undefined} */
  let received;
  /** @param {NodeJS.Signals} signal */
  const pass = (signal) => {
    received = signal;
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of stopSignals) process.on(signal, pass);
  return {
    end() {
      for (const signal of stopSignals) process.off(signal, pass);
      return received;
    },
  };
}

/**
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 */
function exitCode(code, signal) {
  return code ?? 128 + (signal ? constants.signals[signal] : 0);
}
