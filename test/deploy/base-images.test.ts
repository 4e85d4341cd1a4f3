import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listen } from '../../sandbox/listen.ts';
import { capture } from '../../scripts/child.mjs';
import { projectRoot } from '../../scripts/project.mjs';

const files = [
  'deploy/Dockerfile',
  'docker-compose.yml',
  'deploy/kubernetes/redis/redis.yaml',
  'deploy/helm/oomkeeper/values.yaml',
];
const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;

let root: string;
let registry: Server;
let url: string;
/** What the registry answers about an image; none = 404. */
let digests: Readonly<Record<string, string>>;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'oomkeeper-images-'));
  for (const file of files) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await cp(join(projectRoot, file), join(root, file));
  }
  // As a registry with token authentication answers: first where to get a token, then, with it, the digest.
  registry = createServer((request, response) => {
    const asked = new URL(request.url ?? '', url);
    if (asked.pathname === '/token') {
      response.end(JSON.stringify({ token: `for ${asked.searchParams.get('scope')}` }));
      return;
    }
    const [, , , name = '', , tag = ''] = asked.pathname.split('/');
    const scope = `repository:library/${name}:pull`;
    if (request.headers.authorization !== `Bearer for ${scope}`) {
      response.setHeader('www-authenticate', `Bearer realm="${url}/token",service="registry",scope="${scope}"`);
      response.writeHead(401).end();
      return;
    }
    const found = digests[`${name}:${tag}`];
    if (found !== undefined) response.setHeader('docker-content-digest', found);
    response.writeHead(found === undefined ? 404 : 200).end();
  });
  url = `http://127.0.0.1:${await listen(registry, 0)}`;
});

afterEach(async () => {
  registry.closeAllConnections();
  registry.close();
  await rm(root, { recursive: true, force: true });
});

const run = (...options: readonly string[]) =>
  capture(process.execPath, [
    join(projectRoot, 'scripts/base-images.mjs'),
    '--registry',
    url,
    '--root',
    root,
    ...options,
  ]);

const contents = (folder: string): Promise<string[]> =>
  Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));

test('every image that is pulled is named by its digest', async () => {
  const lines = (await contents(projectRoot)).flatMap((text) => text.split('\n'));
  const pulled = lines.filter((line) =>
    /^\s*image: (?!oomkeeper\b)|^ARG NODE_IMAGE=|^FROM (?!\$\{NODE_IMAGE\})/.test(line),
  );

  expect(pulled).toHaveLength(4);
  for (const line of pulled) expect(line).toMatch(/@sha256:[0-9a-f]{64}$/);
});

test('the script writes the digests that the tags have now, and nothing else', async () => {
  digests = { 'node:24-slim': digest('a'), 'redis:8': digest('b') };
  const before = await contents(root);

  const { code, output } = await run();

  const after = await contents(root);
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(after).toEqual(
    before.map((text) =>
      text
        .replaceAll(/node:24-slim@sha256:\w+/g, `node:24-slim@${digest('a')}`)
        .replaceAll(/redis:8@sha256:\w+/g, `redis:8@${digest('b')}`),
    ),
  );
  expect(after).not.toEqual(before);
});

test('--check changes nothing and says by its exit code whether something is out of date', async () => {
  digests = { 'node:24-slim': digest('a'), 'redis:8': digest('b') };
  const before = await contents(root);

  expect((await run('--check')).code).toBe(1);
  expect(await contents(root)).toEqual(before);
  await run();
  expect((await run('--check')).code).toBe(0);
});

test('an image that the registry does not know is left as it is, and named', async () => {
  digests = { 'node:24-slim': digest('a') };

  const { code, output } = await run();

  expect(code).toBe(1);
  expect(output).toContain('404 about redis:8');
  expect((await contents(root))[1]).toEqual((await contents(projectRoot))[1]);
});
