import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createBrotliDecompress } from 'node:zlib';
import { type Browser, chromium } from 'playwright-core';

const run = promisify(execFile);
const cache = join(import.meta.dirname, '..', 'node_modules', '.cache');

/** The package that holds the browser, and its version from its folder's own manifest. */
function packedBrowser(): { readonly folder: string; readonly version: string } {
  const require = createRequire(import.meta.url);
  const entry = require.resolve('@sparticuz/chromium');
  const root = entry.slice(0, entry.lastIndexOf('/build/'));
  const manifest = require(join(root, 'package.json')) as { version: string };
  return { folder: join(root, 'bin'), version: manifest.version };
}

const unpackFile = (from: string, to: string): Promise<void> =>
  pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to, { mode: 0o755 }));

async function unpackArchive(from: string, folder: string): Promise<void> {
  const archive = join(folder, 'archive.tar');
  await unpackFile(from, archive);
  await run('tar', ['-xf', archive, '-C', folder, '--no-same-owner']);
  await rm(archive);
}

/**
 * A folder that `fill` makes once. Two test runs at the same time are safe: each fills one apart and renames it, and
 * the later one finds the folder there.
 */
async function once(ready: string, fill: (apart: string) => Promise<unknown>): Promise<string> {
  if (existsSync(ready)) return ready;
  await mkdir(dirname(ready), { recursive: true });
  const apart = await mkdtemp(`${ready}-`);
  try {
    await fill(apart);
    await rename(apart, ready);
  } catch (error) {
    await rm(apart, { recursive: true });
    if (!existsSync(ready)) throw error;
  }
  return ready;
}

/**
 * The package's font, for text that names no font which the page brings: without any, Chromium hides such elements
 * from its accessibility tree and in the end crashes. The machine's own fonts come on top, where it has some.
 */
async function unpackFonts(from: string, folder: string): Promise<void> {
  await unpackArchive(from, folder);
  const config = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
</fontconfig>
`;
  await writeFile(join(folder, 'fonts.conf'), config);
}

interface Unpacked {
  readonly folder: string;
  readonly fonts: string;
}

/** Browser and fonts in a folder of their own (2 s, once a version). */
async function unpacked(): Promise<Unpacked> {
  const { folder: packed, version } = packedBrowser();
  const folder = await once(join(cache, `chromium-${version}`), (apart) =>
    Promise.all([
      unpackFile(join(packed, 'chromium.br'), join(apart, 'chromium')),
      unpackArchive(join(packed, 'al2023.tar.br'), apart),
    ]),
  );
  const fonts = await once(join(folder, 'fonts'), (apart) => unpackFonts(join(packed, 'fonts.tar.br'), apart));
  return { folder, fonts };
}

/** Why no browser can run here, or null. The package holds one for x64 Linux only. */
export function browserMissing(): string | null {
  return process.platform === 'linux' && process.arch === 'x64'
    ? null
    : `@sparticuz/chromium holds no browser for ${process.platform} ${process.arch}`;
}

/**
 * A headless Chromium that needs nothing installed: it has its own fonts, and where the machine has no NSS libraries, the
 * package's. The caller closes it.
 */
export async function launchBrowser(): Promise<Browser> {
  const { folder, fonts } = await unpacked();
  const executablePath = join(folder, 'chromium');
  const { stdout } = await run('ldd', [executablePath]);
  const libraries = stdout.includes('not found') ? { LD_LIBRARY_PATH: join(folder, 'lib') } : {};
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--no-zygote', '--disable-gpu', '--disable-dev-shm-usage', '--font-render-hinting=none'],
    env: { ...definedEnvironment(), ...libraries, FONTCONFIG_PATH: fonts },
  });
}

function definedEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}
