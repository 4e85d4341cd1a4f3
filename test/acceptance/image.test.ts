import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, type TestContext } from 'vitest';
import { z } from 'zod';
import { listen } from '../../sandbox/listen.ts';
import { startWorld } from '../../sandbox/world.ts';
import { capture } from '../../scripts/child.mjs';
import { projectRoot } from '../../scripts/project.mjs';
import { environmentFor, processNames } from '../../scripts/system.ts';
import { isLongWanted, tooLong } from '../long.ts';
import { openTestRedis, uniqueCluster } from '../redis.ts';
import { makeBaseRoot } from './base-root.ts';
import { findBuildah, type Buildah } from './buildah.ts';

/*
 * deploy/Dockerfile, built by buildah and run in a chroot. What this cannot show is the real base image, which is not
 * reachable from everywhere: this machine's Node, npm and libraries stand in for it.
 */
const image = 'localhost/oomkeeper:test';
const base = 'localhost/oomkeeper-base:test';
/** Half a minute where nothing else runs. */
const buildMs = 400_000;

let folder: string;
let buildah: Buildah | string;
let container = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oomkeeper-image-'));
  buildah = isLongWanted ? await findBuildah(folder) : tooLong;
  if (typeof buildah === 'string') return;
  await makeBaseRoot(join(folder, 'base'));
  const bud = ['bud', ...buildah.local, '--isolation', 'chroot'];
  await must(buildah.run([...bud, '-t', base, join(folder, 'base')]));
  const { output: cache } = await capture('npm', ['config', 'get', 'cache']);
  const file = [
    '--build-arg',
    `NODE_IMAGE=${base}`,
    '--pull-never',
    '--format',
    'docker',
    '-f',
    'deploy/Dockerfile',
    '-v',
    `${cache.trim()}:/root/.npm`,
  ];
  await must(buildah.run([...bud, ...file, '-t', image, '.'], { cwd: projectRoot }));
  container = (await must(buildah.run(['from', ...buildah.local, '--pull-never', image]))).trim();
}, buildMs);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function must(running: Promise<{ readonly code: number; readonly output: string }>): Promise<string> {
  const { code, output } = await running;
  if (code !== 0) throw new Error(output.slice(-3_000));
  return output;
}

/** Runs a command in the image, as its user; or the test is skipped, because there is no buildah. */
async function run(context: TestContext, command: readonly string[], options: readonly string[] = []) {
  if (typeof buildah === 'string') return context.skip(buildah);
  return buildah.run(['run', '--isolation', 'chroot', ...options, container, '--', ...command]);
}

test('the image says who runs it, what it runs and how to ask how it is', async (context) => {
  if (typeof buildah === 'string') return context.skip(buildah);

  const inspected = await must(buildah.run(['inspect', '--type', 'image', image]));

  const schema = z.looseObject({ Docker: z.looseObject({ config: z.looseObject({}) }) });
  expect(schema.parse(JSON.parse(inspected)).Docker.config).toMatchObject({
    User: '1000:1000',
    WorkingDir: '/app',
    Entrypoint: ['oomkeeper'],
    Healthcheck: { Test: ['CMD', 'node', 'deploy/healthcheck.mjs', '/healthz'] },
  });
});

test('the image holds the program and its packages, and neither tests nor settings nor types nor a second Node', async (context) => {
  const script = `
    const { readdirSync } = require('node:fs');
    const list = (path) => readdirSync(path).sort();
    const nodes = list('/app/node_modules').filter((name) => name.startsWith('node-linux'));
    const unread = readdirSync('/app', { recursive: true }).filter((name) => /\\.([cm]?ts|map)$/.test(name));
    console.log(JSON.stringify({ uid: process.getuid(), app: list('/app'), deploy: list('/app/deploy'), nodes, unread: unread.length }));`;

  const { output } = await run(context, ['node', '-e', script]);

  expect(JSON.parse(output)).toEqual({
    uid: 1000,
    app: ['LICENSE', 'deploy', 'node_modules', 'package.json', 'src'],
    deploy: ['healthcheck.mjs'],
    nodes: [],
    unread: 0,
  });
});

test('the program in the image tells how it is used, and what is missing in its configuration', async (context) => {
  const help = await run(context, ['oomkeeper', '--help']);
  const unconfigured = await run(context, ['oomkeeper', 'watcher']);

  expect(help.output).toContain('Usage: oomkeeper COMMAND');
  expect(unconfigured.code).toBe(2);
  expect(unconfigured.output).toContain('OOMKEEPER_CLUSTER is missing');
});

test('the three processes of the image become ready on a read-only file system, their health checks say so, and they stop in order', async (context) => {
  if (typeof buildah === 'string') return context.skip(buildah);
  const redis = await openTestRedis();
  context.onTestFinished(redis.stop);
  const world = await startWorld({ speed: 1, seed: 1, port: 0, withPage: false, log: () => undefined });
  context.onTestFinished(world.close);
  // For root alone the file would be unreadable inside.
  const kubeconfig = join(folder, 'kubeconfig.yaml');
  await writeFile(kubeconfig, world.api.kubeconfig, { mode: 0o644 });
  const environment = environmentFor(world.addresses, redis.url, {
    OOMKEEPER_CLUSTER: uniqueCluster(),
    KUBECONFIG: '/tmp/kubeconfig.yaml',
  });
  const settings = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const ports = await Promise.all(processNames.map(async () => freePort()));
  const root = (await must(buildah.run(['mount', container]))).trim();

  const script = [
    'cd /app',
    ...processNames.map((name, index) => `OOMKEEPER_OPS_PORT=${ports[index]} oomkeeper ${name} & ${name}=$!`),
    ...processNames.map((name, index) => `OOMKEEPER_OPS_PORT=${ports[index]} wait_for ${name}`),
    ...processNames.map((name) => `kill $${name}; wait $${name}; echo "${name} ended with $?"`),
  ].join('\n');
  const { output } = await capture('unshare', [
    '--mount',
    'sh',
    '-c',
    readOnlyChroot,
    'sh',
    root,
    kubeconfig,
    `${waitFor}\n${script}`,
    ...settings,
  ]);

  expect(output).toContain('read-only');
  for (const name of processNames) {
    expect(output).toContain(`${name} is ready`);
    expect(output).toContain(`${name} ended with 0`);
  }
});

/** Folder, kubeconfig, script, variables: runs the script in the folder as user 1000, who can write only to /tmp. */
const readOnlyChroot = `
  root=$1 kubeconfig=$2 script=$3; shift 3
  mount --bind "$root" "$root" && mount -o remount,ro,bind "$root" && mount --bind /dev "$root/dev" || exit 9
  mount -t proc proc "$root/proc" && mount -t tmpfs tmpfs "$root/tmp" && cp "$kubeconfig" "$root/tmp/" || exit 9
  touch "$root/app/x" 2>/dev/null || echo read-only
  exec chroot --userspec=1000:1000 "$root" /usr/bin/env -i PATH=/usr/local/bin:/usr/bin:/bin "$@" /bin/sh -c "$script"`;

const waitFor = `
  wait_for() {
    for attempt in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
      if node deploy/healthcheck.mjs /readyz; then echo "$1 is ready"; return; fi
      sleep 0.5
    done
  }`;

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, 0);
  server.close();
  return port;
}
