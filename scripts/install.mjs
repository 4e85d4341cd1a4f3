import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { capture } from './child.mjs';
import { withLock } from './lock.mjs';
import { elapsed, say } from './progress.mjs';
import { bringsNode, nodeProblem, syncCommand } from './platform.mjs';
import { cacheRoot, programsRoot, projectRoot } from './project.mjs';

const modules = join(projectRoot, 'node_modules');
const stampFile = join(modules, '.oomkeeper-install');

/**
 * Makes `node_modules` what the lockfile says, if it is not yet. Several callers at once are safe.
 * @throws Error with what npm said, where it could not install
 */
export async function ensureInstalled() {
  // Before half a gigabyte is fetched that this Node could not run.
  refuseOldNode();
  const lockfile = await readFile(join(projectRoot, 'package-lock.json'), 'utf8');
  const stamp = `${createHash('sha256').update(lockfile).digest('hex')} ${process.platform}-${process.arch}\n`;
  if (await isStamped(stamp)) return;
  await withLock(
    join(cacheRoot, 'install.lock'),
    async () => {
      if (await isStamped(stamp)) return;
      if (!(await isInstalledByHand(lockfile))) await install();
      await writeFile(stampFile, stamp);
    },
    () => say('install: another process is at it, waiting'),
  );
}

/**
 * The Node that runs TypeScript: npm installed it beside the packages where the platform has one.
 * @returns {Promise<string>} the path of its program
 * @throws Error where npm should have, and has not
 */
export async function nodeProgram() {
  const installed = join(programsRoot, 'node');
  if (await isReachable(installed, constants.X_OK)) return installed;
  if (!bringsNode(process.platform, process.arch)) return process.execPath;
  throw new Error(`npm has installed no Node into ${programsRoot}; delete node_modules and try again.`);
}

/** @throws Error where this system's own Node has to do and is too old */
function refuseOldNode() {
  const { platform, arch, versions } = process;
  const problem = nodeProblem({ platform, arch, version: versions.node });
  if (problem !== undefined) throw new Error(problem);
}

/**
 * The environment for everything that is started from here.
 * @returns {NodeJS.ProcessEnv}
 */
export function projectEnvironment() {
  return {
    ...process.env,
    PATH: [programsRoot, process.env['PATH']].filter(Boolean).join(delimiter),
    // Several tools keep compiled code; by default they leave it in the folder for temporary files.
    NODE_COMPILE_CACHE: join(cacheRoot, 'compiled'),
  };
}

/** @param {string} stamp */
async function isStamped(stamp) {
  return (await readFile(stampFile, 'utf8').catch(() => '')) === stamp;
}

/**
 * `npm ci` or `npm install` leaves a record of what it put into `node_modules`. If that agrees with the lockfile,
 * installing again would only take time.
 * @param {string} lockfile
 */
async function isInstalledByHand(lockfile) {
  const record = await readFile(join(modules, '.package-lock.json'), 'utf8').catch(() => undefined);
  if (record === undefined) return false;
  const wanted = packagesOf(lockfile);
  const present = packagesOf(record);
  const nothingElse = Object.entries(present).every(([path, { version }]) => wanted[path]?.version === version);
  const nothingMissing = Object.entries(wanted).every(
    ([path, { optional }]) => path === '' || optional || present[path],
  );
  return nothingElse && nothingMissing;
}

/**
 * @param {string} lockfile
 * @returns {Record<string, {version?: string, optional?: boolean}>}
 */
function packagesOf(lockfile) {
  return JSON.parse(lockfile).packages ?? {};
}

async function install() {
  const started = performance.now();
  say('install: npm ci (about 640 MB, once; 20 s on a fast line)');
  const patience = setInterval(() => say(`install: still at it after ${elapsed(started)}`), 15_000);
  const [command, ...prefix] = npmCommand();
  const home = await isReachable(homedir(), constants.W_OK);
  const cache = home ? [] : ['--cache', join(cacheRoot, 'npm')];
  const args = [...prefix, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', ...cache];
  const { code, output } = await capture(command, args, { cwd: projectRoot, env: npmEnvironment() });
  clearInterval(patience);
  if (code !== 0) {
    throw new Error(`npm ci ended with ${code} after ${elapsed(started)}:\n${output.trim()}`);
  }
  // Half a gigabyte is on its way to the disk, and whatever waits for a write of its own meanwhile stands still with it.
  const [sync, ...what] = syncCommand(process.platform, modules) ?? [];
  if (sync !== undefined) await capture(sync, what);
  say(`install: done in ${elapsed(started)}`);
}

/**
 * The very npm that runs us, where one does: PATH may hold an older one, or none.
 * @returns {[string, ...string[]]}
 */
function npmCommand() {
  const running = process.env['npm_execpath'];
  return running && basename(running) === 'npm-cli.js' ? [process.execPath, running] : ['npm'];
}

/**
 * NOTE: `npm run -s` hands its own options down as variables; with `silent` among them npm would fail without a word.
 * Development packages are needed whatever NODE_ENV says.
 */
function npmEnvironment() {
  return { ...process.env, npm_config_loglevel: 'warn', NODE_ENV: 'development' };
}

/**
 * @param {string} path
 * @param {number} mode
 */
function isReachable(path, mode) {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
