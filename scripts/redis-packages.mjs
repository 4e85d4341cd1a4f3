import { mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { capture } from './child.mjs';
import { withLock } from './lock.mjs';
import { cacheRoot } from './project.mjs';

const wanted = ['redis-tools', 'libjemalloc2', 'liblzf1'];

const noRedis = `There is no Redis here, and it could not be fetched. One of these lines provides it:
  sudo apt-get install redis-server
  brew install redis
  docker run --rm -p 6379:6379 redis:8 --appendonly yes   (and set REDIS_URL=redis://127.0.0.1:6379)`;

/**
 * Fetches Debian's or Ubuntu's packages of Redis and unpacks them into the project's cache: no root is needed and
 * nothing is installed. The second call finds what the first one left. Several callers at once are safe.
 * @param {(line: string) => void} log
 * @returns {Promise<{command: string, libraryPath: string}>} the server, and where its libraries lie
 * @throws Error with the lines that install Redis, and why it could not be fetched
 */
export async function unpackRedis(log) {
  const home = join(cacheRoot, 'redis');
  const known = await inspect(home);
  if (known) return known;
  return withLock(
    join(cacheRoot, 'redis.lock'),
    async () => {
      const already = await inspect(home);
      if (already) return already;
      log('Redis: fetching the Debian packages of redis-tools (1.3 MB) into .cache');
      const draft = join(cacheRoot, `redis-${process.pid}`);
      try {
        await build(draft, log);
        await rm(home, { recursive: true, force: true });
        await rename(draft, home);
      } finally {
        await rm(draft, { recursive: true, force: true });
      }
      const built = await inspect(home);
      if (!built) throw new Error(`${noRedis}\nWhat was unpacked into ${home} does not run on this machine.`);
      return built;
    },
    () => log('Redis: another process is fetching it, waiting'),
  );
}

/**
 * @param {string} home
 * @returns {Promise<{command: string, libraryPath: string} | undefined>} nothing where no server runs from there
 */
async function inspect(home) {
  const libraries = join(home, 'usr', 'lib');
  const folders = await readdir(libraries, { withFileTypes: true }).catch(() => []);
  const libraryPath = folders
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(libraries, entry.name))
    .concat(libraries, join(home, 'lib'))
    .join(':');
  const command = join(home, 'usr', 'bin', 'redis-server');
  const { code } = await capture(command, ['--version'], { env: { ...process.env, LD_LIBRARY_PATH: libraryPath } });
  return code === 0 ? { command, libraryPath } : undefined;
}

/**
 * @param {string} draft
 * @param {(line: string) => void} log
 */
async function build(draft, log) {
  await rm(draft, { recursive: true, force: true });
  await mkdir(join(draft, 'packages'), { recursive: true });
  const fetched = await fetchPackages(draft, wanted, log);
  if (fetched !== undefined) throw new Error(`${noRedis}\n${fetched}`);
  await unpackAll(draft);
  // `redis-check-rdb` is the server: it decides by the name under which it is called.
  await symlink('redis-check-rdb', join(draft, 'usr', 'bin', 'redis-server'));
  // A minimal system lacks libraries that packages elsewhere take for granted (libssl, libatomic). Each round may
  // uncover what the libraries of the round before need themselves.
  for (let round = 0; round < 4; round += 1) {
    const missing = await missingLibraries(draft);
    if (missing.length === 0) break;
    for (const library of missing) await fetchLibrary(draft, library, log);
    await unpackAll(draft);
  }
  await rm(join(draft, 'packages'), { recursive: true, force: true });
}

/**
 * The package lists of the system may be missing or too old: then lists of our own are fetched, once.
 * @param {string} draft
 * @param {readonly string[]} names
 * @param {(line: string) => void} log
 * @returns {Promise<string | undefined>} why it failed, or nothing
 */
async function fetchPackages(draft, names, log) {
  const lists = join(cacheRoot, 'apt', 'lists');
  const ownLists = ['-o', `Dir::State::lists=${lists}`];
  const hasOwnLists = (await readdir(lists).catch(() => [])).some((name) => name.includes('_Packages'));
  const first = await apt(draft, ['download', ...names], hasOwnLists ? ownLists : []);
  if (first.code === 0) return undefined;
  if (first.code === 127) return 'This is not Debian or Ubuntu: it has no apt-get.';
  log('Redis: fetching the package lists into .cache (a moment)');
  await mkdir(join(lists, 'partial'), { recursive: true });
  const update = await apt(draft, ['update'], ownLists);
  // One unreachable source among several makes `update` fail although the lists that matter are there.
  const second = await apt(draft, ['download', ...names], ownLists);
  if (second.code === 0) return undefined;
  return [first, update, second].map(({ output }) => output.trim()).join('\n');
}

/**
 * @param {string} draft
 * @param {readonly string[]} command
 * @param {readonly string[]} options
 */
function apt(draft, command, options) {
  const quiet = ['-q', '-o', 'Acquire::Retries=2', '-o', 'Acquire::http::Timeout=15'];
  // The cache is ours, and as root apt would drop to a user that cannot write into it.
  const ours = ['-o', `Dir::Cache=${join(cacheRoot, 'apt')}`, '-o', 'APT::Sandbox::User=root'];
  const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  return capture('apt-get', [...quiet, ...ours, ...options, ...command], { cwd: join(draft, 'packages'), env });
}

/** @param {string} draft */
async function unpackAll(draft) {
  for (const name of await readdir(join(draft, 'packages'))) {
    const { code, output } = await capture('dpkg', ['-x', join(draft, 'packages', name), draft]);
    if (code !== 0) throw new Error(`${noRedis}\nThe package ${name} could not be unpacked: ${output.trim()}`);
  }
}

/** @param {string} draft */
async function missingLibraries(draft) {
  const libraries = join(draft, 'usr', 'lib');
  const folders = await readdir(libraries).catch(() => []);
  const libraryPath = [...folders.map((name) => join(libraries, name)), join(draft, 'lib')].join(':');
  const { output } = await capture('ldd', [join(draft, 'usr', 'bin', 'redis-server')], {
    env: { ...process.env, LD_LIBRARY_PATH: libraryPath },
  });
  return [...output.matchAll(/^\s*(\S+) => not found/gm)].map(([, library = '']) => library);
}

/**
 * Debian names the package of a shared library after its soname: `libatomic.so.1` is in `libatomic1`, `liblz4.so.1`
 * in `liblz4-1`; since 2024 some end in `t64`.
 * @param {string} draft
 * @param {string} library
 * @param {(line: string) => void} log
 */
async function fetchLibrary(draft, library, log) {
  const [, stem = library, version = ''] = /^(.+)\.so\.(.+)$/.exec(library) ?? [];
  const owner = stem === 'libcrypto' ? 'libssl' : stem;
  const name = `${owner}${/\d$/.test(owner) ? '-' : ''}${version}`;
  log(`Redis: this machine lacks ${library}, fetching its package`);
  const failed = (await fetchPackages(draft, [name], log)) && (await fetchPackages(draft, [`${name}t64`], log));
  if (failed) throw new Error(`${noRedis}\nThe library ${library} is missing: ${failed}`);
}
