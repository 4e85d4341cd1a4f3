import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { cycles } from './architecture/cycles.ts';
import { readModule } from './architecture/read-module.ts';
import { violations } from './architecture/rules.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const modules = globSync('{src,sandbox,test,bench,scripts}/**/*.{ts,tsx,mts,mjs}', { cwd: root })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => !path.startsWith('test/recordings/'))
  .map((path) => readModule(path, readFileSync(`${root}/${path}`, 'utf8')));

describe('the architecture', () => {
  test('was looked at: the files and their imports were found', () => {
    const inFolder = (folder: string) => modules.filter(({ path }) => path.startsWith(folder));

    expect(inFolder('src/core/').length).toBeGreaterThan(10);
    expect(inFolder('sandbox/').length).toBeGreaterThan(10);
    expect(inFolder('test/').length).toBeGreaterThan(3);
    const ownImports = inFolder('src/').flatMap(({ imports }) => imports.filter(({ isOwn }) => isOwn));
    expect(ownImports.length).toBeGreaterThan(20);
  });

  test('holds in every file', () => {
    const found = modules.flatMap(violations);

    expect(found).toEqual([]);
  });

  test('has no two files of the product that import each other', () => {
    expect(cycles(modules.filter(({ path }) => path.startsWith('src/')))).toEqual([]);
  });

  test.each([
    ['two files', { a: ['b'], b: ['a'] }, [['a', 'b']]],
    ['three in a circle, and one that only looks at it', { a: ['b'], b: ['c'], c: ['a'], d: ['a'] }, [['a', 'b', 'c']]],
    ['itself', { a: ['a'] }, [['a']]],
    ['nobody', { a: ['b', 'c'], b: ['c'], c: [] }, []],
  ])('would be seen to import in a circle: %s', (_, graph, expected) => {
    const files = Object.entries(graph).map(([name, targets]) =>
      readModule(`src/${name}.ts`, targets.map((target) => `import type { T } from './${target}.ts';`).join('\n')),
    );

    expect(cycles(files)).toEqual(expected.map((circle) => circle.map((name) => `src/${name}.ts`)));
  });

  test('sends nobody to a document that is not there', () => {
    const there = new Set(globSync(['*.md', 'docs/**/*.md'], { cwd: root }).map((path) => basename(path)));
    const named = modules.flatMap(({ path }) =>
      path.startsWith('test/')
        ? []
        : [...readFileSync(`${root}/${path}`, 'utf8').matchAll(/[\w/-]+\.md\b/g)].map(([document]) => ({
            path,
            document,
          })),
    );

    expect(named.length).toBeGreaterThan(0);
    expect(named.filter(({ document }) => !there.has(basename(document)))).toEqual([]);
  });

  test.each(['docs/architecture.md', 'docs/security.md', 'CONTRIBUTING.md'])(
    'is told of with files that are there: %s',
    (document) => {
      const told = readFileSync(`${root}/${document}`, 'utf8');
      const named = [...told.matchAll(/`((?:src|sandbox|test|deploy|scripts)\/[\w./-]+)`/g)].flatMap(
        ([, path]) => path ?? [],
      );

      expect(named.length).toBeGreaterThan(20);
      expect(named.filter((path) => !existsSync(`${root}/${path}`))).toEqual([]);
    },
  );

  test('has decisions with a number of their own each, the one in their heading', () => {
    const numbers = globSync('docs/decisions/*.md', { cwd: root }).map((path) => [
      Number(basename(path).slice(0, 4)),
      Number(/^# (\d+)/.exec(readFileSync(join(root, path), 'utf8'))?.[1]),
    ]);

    expect(numbers.filter(([name, heading]) => name !== heading)).toEqual([]);
    expect(new Set(numbers.map(([name]) => name)).size).toBe(numbers.length);
  });

  test('has documents whose links lead somewhere', () => {
    const links = globSync(['*.md', 'docs/**/*.md'], { cwd: root }).flatMap((document) =>
      [...readFileSync(`${root}/${document}`, 'utf8').matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)].map(
        ([, link = '']) => ({
          document,
          link,
        }),
      ),
    );

    expect(links.length).toBeGreaterThan(10);
    expect(links.filter(({ document, link }) => !existsSync(join(root, dirname(document), link)))).toEqual([]);
  });

  test.each([
    ['src/core/kill/a.ts', `import { readFile } from 'node:fs/promises';`, 'the core may not import node:fs/promises'],
    ['src/core/kill/a.ts', `import { randomBytes } from 'node:crypto';`, 'the core may not import node:crypto'],
    ['src/core/kill/a.ts', `import { admit } from '../../flow/admit.ts';`, 'it may not import src/flow/admit.ts'],
    ['src/core/kill/a.ts', `export const now = () => Date.now();`, 'this uses Date.now'],
    ['src/core/kill/a.ts', `export const now = () => new Date();`, 'this uses new Date()'],
    ['src/core/kill/a.ts', `export const chance = () => Math.random();`, 'this uses Math.random'],
    [
      'src/flow/a.ts',
      `import { post } from '../adapters/slack/post.ts';`,
      'it may not import src/adapters/slack/post.ts',
    ],
    ['src/flow/a.ts', `const post = await import('../adapters/slack/post.ts');`, 'it may not import src/adapters/'],
    ['src/flow/a.ts', `import type { Post } from '../adapters/slack/post.ts';`, 'it may not import src/adapters/'],
    ['src/flow/a.ts', `type Post = import('../adapters/slack/post.ts').Post;`, 'it may not import src/adapters/'],
    [
      'src/adapters/slack/a.ts',
      `import { key } from '../redis/keys.ts';`,
      'it may not import src/adapters/redis/keys.ts',
    ],
    [
      'src/adapters/slack/a.ts',
      `import { log } from '../telemetry/log.ts';`,
      'it may not import src/adapters/telemetry/',
    ],
    ['src/adapters/slack/a.ts', `import { admit } from '../../flow/admit.ts';`, 'it may not import src/flow/admit.ts'],
    ['src/adapters/slack/a.ts', `import { needs } from '../../flow/needs.ts';`, 'it may not import src/flow/needs.ts'],
    [
      'src/adapters/slack/a.ts',
      `export const token = process.env['TOKEN'];`,
      'only src/app/config/config.ts reads process.env',
    ],
    ['src/adapters/slack/a.ts', `const { env } = process;`, 'only src/app/config/config.ts reads process.env'],
    [
      'src/bin/a.ts',
      `import { post } from '../adapters/slack/post.ts';`,
      'it may not import src/adapters/slack/post.ts',
    ],
    ['src/app/a.ts', `import { start } from '../../sandbox/main.ts';`, 'it may not import sandbox/main.ts'],
    ['sandbox/slack/a.ts', `import type { Kill } from '../../src/core/kill/kill.ts';`, 'it may not import src/core/'],
    [
      'sandbox/slack/a.ts',
      `export { kill } from '../../src/core/kill/kill.ts';\nexport const a = 1;`,
      'it may not import src/core/',
    ],
    ['test/unit/a.ts', `export default 1;`, 'it has a default export'],
    ['test/unit/a.ts', `const a = 1; export { a as default };`, 'it has a default export'],
    ['src/app/a.ts', `export enum Colour { Red }`, 'it has an enum'],
    ['src/app/a.ts', `export * from './b.ts';\nexport { c } from './c.ts';`, 'it is a barrel'],
    ['src/app/a.ts', `import { c } from './c.ts';\nexport { c };`, 'it is a barrel'],
    ['src/app/a.ts', `export const a = [\n${'1,\n'.repeat(300)}];`, 'it has 302 lines'],
    ['test/flow/a.ts', `import { afterEach } from 'vitest';\nafterEach(() => undefined);`, 'its hook is for the first'],
    ['src/app/string-utils.ts', `export const a = 1;`, 'its name says nothing'],
  ])('would be seen to be broken: %s #%$', (path, text, problem) => {
    const found = violations(readModule(path, text));

    expect(found).toEqual([expect.stringContaining(problem)]);
  });

  test.each([
    ['src/core/kill/a.ts', `import { createHash } from 'node:crypto';\nimport { z } from 'zod';`],
    ['src/core/kill/a.ts', `export const at = (ms: number) => new Date(ms).toISOString();`],
    [
      'src/flow/a.ts',
      `import { admit } from './admit.ts';\nimport { transition } from '../core/incident/transition.ts';`,
    ],
    ['src/adapters/slack/a.ts', `import type { Announce } from '../../flow/needs.ts';\nimport { b } from './b.ts';`],
    ['src/app/a.ts', `import { log } from '../adapters/telemetry/log.ts';\nimport { admit } from '../flow/admit.ts';`],
    ['test/flow/a.ts', `import { afterEach } from 'vitest';\nexport const world = () => afterEach(() => undefined);`],
    ['test/flow/a.test.ts', `import { afterEach } from 'vitest';\nafterEach(() => undefined);`],
    ['src/app/config/config.ts', `export const config = process.env;`],
    ['sandbox/slack/a.ts', `import { clock } from '../clock.ts';\nexport const at = Date.now();`],
    [
      'test/flow/a.ts',
      `import { admit } from '../../src/flow/admit.ts';\nimport { main } from '../../sandbox/main.ts';`,
    ],
  ])('would be seen to hold: %s #%$', (path, text) => {
    const found = violations(readModule(path, text));

    expect(found).toEqual([]);
  });
});
