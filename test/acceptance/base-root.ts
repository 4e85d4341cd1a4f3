import { cp, mkdir, readdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { capture } from '../../scripts/child.mjs';

const programs = ['sh', 'rm', 'env', 'sleep', 'find', 'ln'];
const certificates = '/etc/ssl/certs/ca-certificates.crt';

/**
 * A root file system that stands in for the image `node:24-slim`, which cannot be pulled here: this very Node, npm, a
 * shell, and the libraries that they need, copied from this machine. A context for `buildah bud`, with a Dockerfile.
 */
export async function makeBaseRoot(folder: string): Promise<void> {
  const root = join(folder, 'root');
  for (const path of ['bin', 'dev', 'etc/ssl/certs', 'home/node', 'proc', 'root', 'sys', 'usr/bin', 'usr/local/lib']) {
    await mkdir(join(root, path), { recursive: true });
  }
  await mkdir(join(root, 'tmp'), { mode: 0o777 });
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n');
  const found = await Promise.all(programs.map(pathOf));
  for (const [index, path] of found.entries()) {
    await cp(path, join(root, 'usr/bin', programs[index] ?? ''), { dereference: true });
  }
  await symlink('../usr/bin/sh', join(root, 'bin/sh'));
  await cp(process.execPath, join(root, 'usr/local/bin/node'), { dereference: true });
  // bin/npm-cli.js of the package
  const npm = dirname(dirname(await pathOf('npm')));
  await cp(npm, join(root, 'usr/local/lib/node_modules/npm'), { recursive: true });
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'));
  for (const path of await librariesOf([...found, process.execPath])) {
    await cp(path, join(root, path), { dereference: true });
  }
  // What npm has fetched already need not be asked for again.
  await writeFile(join(root, 'root/.npmrc'), 'prefer-offline=true\n');
  await cp(certificates, join(root, certificates), { dereference: true, force: true }).catch(() => undefined);
  await writeFile(
    join(folder, 'Dockerfile'),
    `FROM scratch\nADD root /\nENV PATH=/usr/local/bin:/usr/bin:/bin NODE_EXTRA_CA_CERTS=${certificates}\n`,
  );
}

/** Where a program of PATH really lies. */
async function pathOf(program: string): Promise<string> {
  const { code, output } = await capture('sh', ['-c', `command -v ${program}`]);
  if (code !== 0) throw new Error(`there is no ${program} on PATH`);
  return realpath(output.trim());
}

/** Libraries that the linker would load, and the rest of the C library, which packages with native parts ask for. */
async function librariesOf(files: readonly string[]): Promise<readonly string[]> {
  const { output } = await capture('ldd', files);
  const needed = [...output.matchAll(/(\/\S+\.so\S*)/g)].map(([, path = '']) => path);
  const libc = needed.find((path) => path.endsWith('/libc.so.6'));
  const folder = dirname(libc ?? '/lib/none');
  const rest = (await readdir(folder)).filter((name) =>
    /^lib(?:rt|dl|pthread|util|resolv|nss_\w+|m|gcc_s)\.so\.\d+$/.test(name),
  );
  return [...new Set([...needed, ...rest.map((name) => join(folder, name))])];
}
