import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { mayFetchRedis, redisAdvice } from '../platform.mjs';
import { unpackRedis, unpackValkey } from './redis-packages.mjs';

/** @import {StartOptions, RedisSource} from './redis.mjs' */

const startDeadlineMs = 20_000;
const stopDeadlineMs = 5_000;
/** @type {typeof import('./redis.mjs').sentinelFile} */
export const sentinelFile = 'sentinel.conf';

/**
 * The server ends when this shell's standard input does, so it cannot outlive the process that holds the other end,
 * even if that one is killed; a temporary folder goes with it. Arguments: the folder to remove, or nothing; where what
 * the server says goes; the server and its arguments. It prints the server's process id and, at its end, the end of what
 * it said.
 */
const keeper = `
remove=$1; log=$2; shift 2
exec 3<&0 </dev/null
"$@" 3<&- >>"$log" 2>&1 & server=$!
echo "$server"
(cat <&3 >/dev/null; kill "$server" 2>/dev/null) & watcher=$!
wait "$server"; code=$?
kill "$watcher" 2>/dev/null
tail -n 5 "$log"
[ -z "$remove" ] || rm -rf "$remove"
exit "$code"`;

/** @type {typeof import('./redis.mjs').locateRedis} */
export async function locateRedis({ own = false, program, log = toStandardError, platform = process.platform } = {}) {
  if (program) return { kind: 'program', ...program, description: program.command };
  const url = process.env['REDIS_URL'];
  if (url && !own) return { kind: 'url', url, description: 'REDIS_URL' };
  for (const name of ['redis-server', 'valkey-server']) {
    const command = await findOnPath(name);
    if (command) return { kind: 'program', command, description: command };
  }
  if (!mayFetchRedis(platform)) throw new Error(redisAdvice(platform));
  const { command, libraryPath } = await unpackRedis(log);
  return { kind: 'program', command, libraryPath, description: `Debian's redis-tools, unpacked into .cache` };
}

/** @type {typeof import('./redis.mjs').locateValkey} */
export async function locateValkey(log) {
  const command = await findOnPath('valkey-server');
  return command === undefined ? unpackValkey(log) : { command };
}

/** @type {typeof import('./redis.mjs').startRedis} */
export async function startRedis(options = {}) {
  const log = options.log ?? toStandardError;
  const source = await locateRedis(options);
  log(`Redis: ${source.description}`);
  if (source.kind === 'url') {
    return { url: source.url, pid: null, description: source.description, stop: () => Promise.resolve() };
  }
  for (let tries = 1; ; tries += 1) {
    const port = options.port ?? (await freePort());
    try {
      return await startServer(source, port, options);
    } catch (error) {
      // Between finding a free port and using it another process may have taken it.
      const isTaken = error instanceof Error && error.message.includes('Address already in use');
      if (!isTaken || options.port !== undefined || tries === 5) throw error;
    }
  }
}

/**
 * @param {RedisSource & {kind: 'program'}} source
 * @param {number} port
 * @param {StartOptions} options
 */
async function startServer(source, port, options) {
  const temporary = options.dir === undefined ? await mkdtemp(join(tmpdir(), 'oomkeeper-redis-')) : undefined;
  const dir = options.dir ?? temporary ?? '';
  await mkdir(dir, { recursive: true });
  const logFile = join(dir, 'redis.log');
  if (options.sentinel) await writeFile(join(dir, sentinelFile), `${options.sentinel.join('\n')}\n`);
  const child = spawn(
    'sh',
    [
      '-c',
      keeper,
      'redis-keeper',
      temporary ?? '',
      logFile,
      source.command,
      ...serverArguments(port, dir, logFile, options),
    ],
    // Its own session: Ctrl-C must reach the processes that use Redis before it reaches Redis.
    { detached: true, stdio: ['pipe', 'pipe', 'ignore'], env: serverEnvironment(source.libraryPath) },
  );
  // The keeper's input closes with the server: writing the end into it afterwards is no error.
  child.stdin.on('error', () => undefined);
  let said = '';
  child.stdout.on('data', (chunk) => (said += String(chunk)));
  const ended = once(child, 'close');
  await Promise.race([once(child.stdout, 'data'), ended]);
  const pid = Number.parseInt(said, 10);
  child.unref();
  if ('unref' in child.stdout && typeof child.stdout.unref === 'function') child.stdout.unref();

  const stop = async () => {
    child.ref();
    child.stdin.end();
    if (child.exitCode !== null || child.signalCode !== null) return;
    const patience = setTimeout(() => kill(pid), stopDeadlineMs);
    await ended;
    clearTimeout(patience);
  };

  const deadline = Date.now() + startDeadlineMs;
  while (!(await answers(port, pid))) {
    const isGone = child.exitCode !== null || child.signalCode !== null;
    if (isGone || Date.now() > deadline) {
      await stop();
      await ended;
      throw new Error(`Redis did not start on port ${port}:\n${said.split('\n').slice(1).join('\n').trim()}`);
    }
    await pause(20);
  }
  return { url: `redis://127.0.0.1:${port}`, pid, description: source.description, stop };
}

/**
 * @param {number} port
 * @param {string} dir
 * @param {string} logFile
 * @param {StartOptions} options
 */
function serverArguments(port, dir, logFile, options) {
  const ofAll = ['--bind', '127.0.0.1', '--port', String(port), '--dir', dir, '--logfile', logFile];
  // A sentinel writes into its file what it has seen.
  if (options.sentinel) return [join(dir, sentinelFile), ...ofAll, '--sentinel'];
  const settings = Object.entries({ ...options.settings }).flatMap(([name, value]) => [`--${name}`, value]);
  const usual = {
    '--save': '',
    '--appendonly': options.appendonly ? 'yes' : 'no',
    '--maxmemory-policy': 'noeviction',
  };
  return [...ofAll, ...Object.entries(usual).flat(), ...settings];
}

/**
 * @param {string | undefined} libraryPath
 * @returns {NodeJS.ProcessEnv}
 */
function serverEnvironment(libraryPath) {
  // NOTE: Redis 7 refuses to start under a locale that the machine does not have.
  const env = { ...process.env, LC_ALL: 'C' };
  if (libraryPath === undefined) return env;
  return { ...env, LD_LIBRARY_PATH: [libraryPath, process.env['LD_LIBRARY_PATH']].filter(Boolean).join(delimiter) };
}

/** @param {string} name */
async function findOnPath(name) {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const command = join(folder, name);
    const isProgram = await access(command, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isProgram) return command;
  }
  return undefined;
}

/** @type {typeof import('./redis.mjs').freePort} */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/**
 * A server that still reads its files answers PING with an error, and is not ready. One that answers under another
 * process id is a stranger that had the port before.
 * @param {number} port
 * @param {number} pid
 * @returns {Promise<boolean>}
 */
function answers(port, pid) {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect({ port, host: '127.0.0.1', timeout: 1_000 });
    /** @param {boolean} isReady */
    const settle = (isReady) => {
      socket.destroy();
      resolve(isReady);
    };
    socket.on('connect', () => socket.write('PING\r\nINFO server\r\n'));
    socket.on('data', (data) => {
      heard += data.toString();
      const found = /^process_id:(\d+)\r$/m.exec(heard);
      if (!heard.startsWith('+PONG')) settle(false);
      else if (found) settle(Number(found[1]) === pid);
    });
    socket.on('error', () => settle(false));
    socket.on('close', () => settle(false));
    socket.on('timeout', () => settle(false));
  });
}

/** @param {number} pid */
function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended in the very moment when patience did.
  }
}

/** @param {string} line */
function toStandardError(line) {
  process.stderr.write(`${line}\n`);
}
