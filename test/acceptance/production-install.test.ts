import { createHash } from 'node:crypto';
import { access, copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { capture } from '../../scripts/child.mjs';
import { unpackedOnce } from '../../scripts/redis/debian-packages.mjs';
import { makeImageProgram } from '../../scripts/image-program.ts';
import { cacheRoot, projectRoot } from '../../scripts/project.mjs';
import { afterAllLong, beforeAllLong } from '../long.ts';

/*
 * What deploy/Dockerfile installs and makes: no development packages, no install scripts, not the Node that npm brings
 * along, and the program without its types. What is installed depends on three files and npm alone, so it is installed
 * anew when one of them has changed, and kept in `.cache` until then.
 */
let folder: string;
let modules: string;

const installed = ['package.json', 'package-lock.json', '.npmrc'];

beforeAllLong(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oomkeeper-production-'));
  modules = await install();
  await makeImageProgram(folder, modules);
});

afterAllLong(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function install(): Promise<string> {
  const hash = createHash('sha256').update((await capture('npm', ['--version'])).output);
  for (const name of installed) hash.update(await readFile(join(projectRoot, name)));
  const home = await unpackedOnce(`production-install-${hash.digest('hex').slice(0, 12)}`, { inspect, build });
  if (home === undefined) throw new Error('npm ci left no node_modules');
  return home;
}

async function inspect(home: string): Promise<string | undefined> {
  const path = join(home, 'node_modules');
  return access(path).then(
    () => path,
    () => undefined,
  );
}

async function build(draft: string): Promise<void> {
  for (const name of installed) await copyFile(join(projectRoot, name), join(draft, name));
  const options = ['--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  const env = { ...process.env, npm_config_loglevel: 'warn' };
  const { code, output } = await capture('npm', ['ci', ...options], { cwd: draft, env });
  if (code !== 0) throw new Error(output);
  const packages = join(draft, 'node_modules');
  const own = (await readdir(packages)).filter((name) => name.startsWith('node-linux-'));
  for (const name of own) await rm(join(packages, name), { recursive: true });
  await rm(join(packages, '.bin/node'), { force: true });
  const earlier = (await readdir(cacheRoot)).filter((name) => /^production-install-[0-9a-f]+$/.test(name));
  for (const name of earlier) await rm(join(cacheRoot, name), { recursive: true });
}

/** With this Node and the packages of the folder: links are not followed to where the project's own packages lie. */
async function node(args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  const links = ['--preserve-symlinks', '--preserve-symlinks-main'];
  return capture(process.execPath, [...links, ...args], { cwd: folder, env: { HOME: folder } });
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? '';
}

test('no development package is in it', async () => {
  const names = await readdir(modules);

  expect(names).toContain('bullmq');
  expect(names.filter((name) => ['vitest', 'typescript', 'oxlint', 'playwright-core'].includes(name))).toEqual([]);
});

test('the program starts, and says its version', async () => {
  const { code, output } = await node(['src/bin/oomkeeper.js', '--help']);

  expect(output).toContain('Usage: oomkeeper COMMAND');
  expect(code).toBe(0);
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')));
  expect(await node(['src/bin/oomkeeper.js', '--version'])).toEqual({ code: 0, output: `${version}\n` });
});

test('every module that a module of the program names is there', async () => {
  const root = join(folder, 'src');
  const written = (await readdir(root, { recursive: true })).filter((name) => name.endsWith('.js'));
  const named: string[] = [];
  for (const name of written) {
    const path = join(root, name);
    const text = await readFile(path, 'utf8');
    for (const [, module = ''] of text.matchAll(/\b(?:from|import)[ (\s]*['"`](\.[^'"`]+)/g))
      named.push(join(dirname(path), module));
  }

  const there = new Set(written.map((name) => join(root, name)));
  expect(named.length).toBeGreaterThan(1_000);
  expect(named.filter((path) => !there.has(path))).toEqual([]);
});

test('a place in a stack trace is the one in the source', async () => {
  const name = 'app/command-line/commands';
  const source = await readFile(join(projectRoot, 'src', `${name}.ts`), 'utf8');
  const program = await readFile(join(folder, 'src', `${name}.js`), 'utf8');

  const at = (text: string) => {
    const line = text.split('\n').findIndex((one) => one.includes('process.stdout.write('));
    return [line, text.split('\n')[line]?.indexOf('process')];
  };
  expect(at(program)).toEqual(at(source));
  expect(program).not.toContain('Promise<number>');
});

test('every package that a module of the program imports is there', async () => {
  const script = `
    const { readdirSync } = await import('node:fs');
    const modules = readdirSync('src/', { recursive: true }).filter((name) => name.endsWith('.js') && !name.startsWith('bin'));
    const missing = [];
    for (const name of modules) await import('./src/' + name).catch((error) => missing.push(name + ': ' + error.message));
    console.log(JSON.stringify({ modules: modules.length, missing }));
    process.exit(0);`;

  const { output } = await node(['--input-type=module', '-e', script]);

  const found = z.object({ modules: z.number(), missing: z.array(z.string()) }).parse(JSON.parse(lastLine(output)));
  expect(found.modules).toBeGreaterThan(100);
  expect(found.missing).toEqual([]);
});

test('it draws a chart, with the words in it', async () => {
  const script = `
    const { drawChart } = await import('./src/adapters/slack/chart/draw-chart.js');
    const samples = [{ t: 0, bytes: 1e8 }, { t: 6e5, bytes: 2e8 }];
    const facts = { samples, limitBytes: 3e8, requestBytes: null, proposedBytes: null, kills: [], from: 0, to: 6e5, source: '' };
    const [one, other] = await Promise.all(['shop/checkout', 'shop/cart'].map((title) => drawChart({ ...facts, title })));
    const png = Buffer.from(one.png);
    console.log(JSON.stringify({ is: png.toString('latin1', 1, 4), bytes: png.length, differ: !png.equals(other.png) }));`;

  const { output } = await node(['--input-type=module', '-e', script]);

  const drawn: unknown = JSON.parse(lastLine(output));
  // Without fonts the letters of a title would be left out, and both pictures be the same.
  expect(drawn).toMatchObject({ is: 'PNG', differ: true });
});
