import { access, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { capture } from '../child.mjs';
import { withLock } from '../lock.mjs';
import { cacheRoot } from '../project.mjs';

/**
 * Fetches Debian's or Ubuntu's packages and unpacks them below the project's cache: no root is needed and nothing is
 * installed.
 * @param {string} draft a folder; the packages stay in `packages` inside it
 * @param {readonly string[]} names
 * @param {(line: string) => void} log
 * @returns {Promise<string | undefined>} why it failed, or nothing
 */
export async function fetchPackages(draft, names, log) {
  // The package lists of the system may be missing or too old: then lists of our own are fetched, once.
  const lists = join(cacheRoot, 'apt', 'lists');
  const ownLists = ['-o', `Dir::State::lists=${lists}`];
  const hasOwnLists = (await readdir(lists).catch(() => [])).some((name) => name.includes('_Packages'));
  const first = await apt(draft, ['download', ...names], hasOwnLists ? ownLists : []);
  if (first.code === 0) return undefined;
  if (first.code === 127) return 'This is not Debian or Ubuntu: it has no apt-get.';
  log('fetching the package lists of Debian or Ubuntu into .cache (a moment)');
  await mkdir(join(lists, 'partial'), { recursive: true });
  // Others that fetch something else at this moment want the same lists, and apt refuses the second.
  const update = await withLock(join(cacheRoot, 'apt.lock'), () => apt(draft, ['update'], ownLists));
  // One unreachable source among several makes `update` fail although the lists that matter are there.
  const second = await apt(draft, ['download', ...names], ownLists);
  if (second.code === 0) return undefined;
  return [first, update, second].map(({ output }) => output.trim()).join('\n');
}

/**
 * Fetches packages from the backports of the Debian or Ubuntu that this is, wherever its own packages come from.
 * @param {string} draft as of `fetchPackages`
 * @param {readonly string[]} names
 * @returns {Promise<string | undefined>} why it failed, or nothing
 */
export async function fetchBackports(draft, names) {
  const format = '$(REPO_URI) $(RELEASE)';
  const targets = await apt(draft, ['indextargets', '--format', format, 'Created-By: Packages', 'Component: main'], []);
  if (targets.code === 127) return 'This is not Debian or Ubuntu: it has no apt-get.';
  // Its updates are releases of their own, with a dash.
  const [, uri, release] = /^(https?:\S+) ([a-z]+)$/m.exec(targets.output) ?? [];
  if (uri === undefined) return 'It is not known where the packages of this machine come from.';
  const home = join(cacheRoot, 'apt', 'backports');
  const list = join(home, 'sources.list');
  await mkdir(join(home, 'lists', 'partial'), { recursive: true });
  const keys = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const hasKeys = await access(keys).then(
    () => true,
    () => false,
  );
  await writeFile(list, `deb ${hasKeys ? `[signed-by=${keys}] ` : ''}${uri} ${release}-backports main\n`);
  const only = [`Dir::Etc::sourcelist=${list}`, 'Dir::Etc::sourceparts=-', `Dir::State::lists=${join(home, 'lists')}`];
  const options = only.flatMap((one) => ['-o', one]);
  const update = await withLock(join(cacheRoot, 'apt.lock'), () => apt(draft, ['update'], options));
  const download = await apt(draft, ['download', ...names], options);
  return download.code === 0 ? undefined : [update, download].map(({ output }) => output.trim()).join('\n');
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

/**
 * @param {string} draft
 * @returns {Promise<string | undefined>} why it failed, or nothing
 */
export async function unpackPackages(draft) {
  for (const name of await readdir(join(draft, 'packages'))) {
    const { code, output } = await capture('dpkg', ['-x', join(draft, 'packages', name), draft]);
    if (code !== 0) return `The package ${name} could not be unpacked: ${output.trim()}`;
  }
  return undefined;
}

/**
 * The folder of the cache that holds something unpacked. What an earlier call left is used; several callers at once are
 * safe, and one that fails leaves nothing.
 * @template T
 * @param {string} name of the folder
 * @param {{inspect: (home: string) => Promise<T | undefined>, build: (draft: string) => Promise<void>,
 *   onWait?: () => void}} how `inspect` answers nothing where the folder is missing or of no use
 * @returns {Promise<T | undefined>} nothing where even what was just built is of no use
 */
export async function unpackedOnce(name, { inspect, build, onWait }) {
  const home = join(cacheRoot, name);
  const known = await inspect(home);
  if (known !== undefined) return known;
  return withLock(
    join(cacheRoot, `${name}.lock`),
    async () => {
      const already = await inspect(home);
      if (already !== undefined) return already;
      const draft = join(cacheRoot, `${name}-${process.pid}`);
      try {
        await rm(draft, { recursive: true, force: true });
        await mkdir(join(draft, 'packages'), { recursive: true });
        await build(draft);
        await rm(join(draft, 'packages'), { recursive: true, force: true });
        await rm(home, { recursive: true, force: true });
        await rename(draft, home);
      } finally {
        await rm(draft, { recursive: true, force: true });
      }
      return inspect(home);
    },
    onWait,
  );
}
