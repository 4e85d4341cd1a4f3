import { readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { capture } from '../child.mjs';
import { redisAdvice } from '../platform.mjs';
import { fetchBackports, fetchPackages, unpackPackages, unpackedOnce } from './debian-packages.mjs';

const wanted = ['redis-tools', 'libjemalloc2', 'liblzf1'];

const noRedis = redisAdvice('linux');

/**
 * Fetches Debian's or Ubuntu's packages of Redis and unpacks them into the project's cache: no root is needed and
 * nothing is installed. The second call finds what the first one left. Several callers at once are safe.
 * @param {(line: string) => void} log
 * @returns {Promise<{command: string, libraryPath: string}>} the server, and where its libraries lie
 * @throws Error with the lines that install Redis, and why it could not be fetched
 */
export async function unpackRedis(log) {
  const built = await unpackedOnce('redis', {
    inspect: (home) => inspect(home, 'redis-server'),
    build: async (draft) => {
      log('Redis: fetching the Debian packages of redis-tools (1.3 MB) into .cache');
      await build(draft, log);
    },
    onWait: () => log('Redis: another process is fetching it, waiting'),
  });
  if (!built) throw new Error(`${noRedis}\nWhat was unpacked into .cache/redis does not run on this machine.`);
  return built;
}

/**
 * Fetches Debian's or Ubuntu's package of Valkey and unpacks it into the project's cache, as `unpackRedis`; what it needs
 * beside lies where Redis was unpacked or is installed with Redis.
 * @param {(line: string) => void} log
 * @returns {Promise<{command: string, libraryPath: string} | string>} why there is none, if so
 */
export async function unpackValkey(log) {
  const libraries = await unpackRedis(log).catch(() => undefined);
  let failed = 'what was unpacked does not run on this machine';
  const unpacked = await unpackedOnce('valkey', {
    inspect: (home) => inspect(home, 'valkey-server', libraries?.libraryPath),
    build: async (draft) => {
      log('Valkey: fetching the Debian package of valkey-tools (1.1 MB) into .cache');
      // Debian 12 has it among its backports only.
      const missing =
        (await fetchBackports(draft, ['valkey-tools'])) && (await fetchPackages(draft, ['valkey-tools'], log));
      if (missing) {
        failed = missing.split('\n').at(-1) ?? missing;
        return;
      }
      await unpack(draft);
      const link = join(draft, 'usr', 'bin', 'valkey-server');
      await symlink('valkey-check-rdb', link).catch(() => undefined);
    },
    onWait: () => log('Valkey: another process is fetching it, waiting'),
  });
  return unpacked ?? failed;
}

/**
 * @param {string} home
 * @param {string} name of the server
 * @param {string} [more] folders of libraries beside its own
 * @returns {Promise<{command: string, libraryPath: string} | undefined>} nothing where no server runs from there
 */
async function inspect(home, name, more) {
  const libraries = join(home, 'usr', 'lib');
  const folders = await readdir(libraries, { withFileTypes: true }).catch(() => []);
  const libraryPath = folders
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(libraries, entry.name))
    .concat(libraries, join(home, 'lib'), more ?? [])
    .join(':');
  const command = join(home, 'usr', 'bin', name);
  const { code } = await capture(command, ['--version'], { env: { ...process.env, LD_LIBRARY_PATH: libraryPath } });
  return code === 0 ? { command, libraryPath } : undefined;
}

/**
 * @param {string} draft
 * @param {(line: string) => void} log
 */
async function build(draft, log) {
  const fetched = await fetchPackages(draft, wanted, (line) => log(`Redis: ${line}`));
  if (fetched !== undefined) throw new Error(`${noRedis}\n${fetched}`);
  await unpack(draft);
  // `redis-check-rdb` is the server: it decides by the name under which it is called.
  await symlink('redis-check-rdb', join(draft, 'usr', 'bin', 'redis-server'));
  // A minimal system lacks libraries that packages elsewhere take for granted (libssl, libatomic). Each round may
  // uncover what the libraries of the round before need themselves.
  for (let round = 0; round < 4; round += 1) {
    const missing = await missingLibraries(draft);
    if (missing.length === 0) break;
    for (const library of missing) await fetchLibrary(draft, library, log);
    await unpack(draft);
  }
}

/** @param {string} draft */
async function unpack(draft) {
  const failed = await unpackPackages(draft);
  if (failed !== undefined) throw new Error(`${noRedis}\n${failed}`);
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
