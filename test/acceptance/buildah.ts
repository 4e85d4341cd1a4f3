import { access, readdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { capture } from '../../scripts/child.mjs';
import { fetchPackages, unpackPackages, unpackedOnce } from '../../scripts/redis/debian-packages.mjs';

/** buildah itself, its settings, and the libraries that a machine without it may lack. */
const packages = [
  'buildah',
  'golang-github-containers-common',
  'golang-github-containers-image',
  'libdevmapper1.02.1',
  'libgpgme11',
  'libseccomp2',
  'libassuan0',
];

export interface Buildah {
  /** Runs it to its end; images and containers lie below `store`. */
  readonly run: (
    args: readonly string[],
    options?: { readonly cwd?: string },
  ) => Promise<{ readonly code: number; readonly output: string }>;
  /** Options for `bud` and `from` that let them use local images. */
  readonly local: readonly string[];
}

/**
 * A buildah of this machine, or one unpacked from Debian's packages into the cache; nothing is installed. A sentence
 * where there is none: it needs root, and to be allowed to mount.
 */
export async function findBuildah(store: string): Promise<Buildah | string> {
  if (process.getuid?.() !== 0) return 'buildah needs root here';
  const stores = ['--root', join(store, 'root'), '--runroot', join(store, 'run'), '--storage-driver', 'vfs'];
  if ((await capture('buildah', ['--version'])).code === 0) {
    return { run: async (args, options) => capture('buildah', [...stores, ...args], options), local: [] };
  }
  try {
    const home = await unpackedOnce('buildah', { inspect: unpacked, build: unpack });
    if (home === undefined) return 'the Debian package of buildah holds no buildah';
    const libraries = join(store, 'ld.so.cache');
    await listLibraries(home, libraries);
    const env = { ...process.env, CONTAINERS_REGISTRIES_CONF: join(home, 'etc/containers/registries.conf') };
    const run: Buildah['run'] = async (args, options) => {
      const command = [join(home, 'usr/bin/buildah'), ...stores, ...args];
      return capture('unshare', withLibraries(libraries, command), { ...options, env });
    };
    const { code, output } = await run(['images']);
    if (code !== 0) return `buildah was unpacked, and does not run on this machine: ${output.slice(-300)}`;
    return { run, local: ['--signature-policy', join(home, 'etc/containers/policy.json')] };
  } catch (error) {
    return `there is no buildah, and it could not be fetched: ${String(error).slice(-300)}`;
  }
}

async function unpacked(home: string): Promise<string | undefined> {
  return access(join(home, 'usr/bin/buildah')).then(
    () => home,
    () => undefined,
  );
}

async function unpack(draft: string): Promise<void> {
  const failed = (await fetchPackages(draft, packages, () => undefined)) ?? (await unpackPackages(draft));
  if (failed !== undefined) throw new Error(failed);
}

/**
 * buildah starts itself again without the variable that would name the folder of its libraries, so they have to be in
 * the linker's list: a list of ours, laid over the system's for nobody but this process and its children.
 */
function withLibraries(list: string, command: readonly string[]): readonly string[] {
  return ['--mount', 'sh', '-c', 'mount --bind "$1" /etc/ld.so.cache && shift && exec "$@"', 'sh', list, ...command];
}

async function listLibraries(home: string, list: string): Promise<void> {
  const entries = await readdir(home, { recursive: true, withFileTypes: true });
  const folders = entries.filter(({ name }) => /^lib.*\.so\./.test(name)).map(({ parentPath }) => parentPath);
  const configuration = `${list}.conf`;
  await writeFile(configuration, [...new Set(folders), 'include /etc/ld.so.conf', ''].join('\n'));
  // An ordinary user's PATH, which a root may have, does not name its folder.
  const env = { ...process.env, PATH: [process.env['PATH'] ?? '', '/usr/sbin', '/sbin'].join(delimiter) };
  const { code, output } = await capture('ldconfig', ['-X', '-f', configuration, '-C', list], { env });
  if (code !== 0) throw new Error(output);
}
