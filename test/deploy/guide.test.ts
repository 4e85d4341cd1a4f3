import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { projectRoot } from '../../scripts/project.mjs';
import { commandNames } from '../../src/app/command-line/commands.ts';
import { parsePolicy } from '../../src/app/config/policy-file.ts';
import { aboutVariables } from '../../src/app/config/variables.ts';
import { blockOf } from './block-of.ts';
import { secretOwners } from './secret-owners.ts';

const inProject = (path: string): string => join(projectRoot, path);
let guide = '';

beforeAll(async () => {
  guide = await readFile(inProject('docs/getting-started.md'), 'utf8');
});

test('the guide names only variables that exist, and every secret', () => {
  const known = new Set(aboutVariables().map(([name]) => name));
  const named = [...guide.matchAll(/\b(?:OOMKEEPER|SLACK|GITHUB|REDIS|KUBECONFIG)(?:_[A-Z]+)*\b/g)].map(
    ([name]) => name,
  );

  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
  for (const secret of Object.values(secretOwners).flat()) expect(guide).toContain(secret);
});

test('the guide names only commands that exist', () => {
  const typed = [...guide.matchAll(/(?:oomkeeper -- |oomkeeper\.ts )([a-z][a-z-]*)/g)].map(([, name = '']) => name);

  expect(typed).toContain('all');
  expect(typed.filter((name) => !commandNames.includes(name))).toEqual([]);
});

test('the guide leads only to files and sections that exist', async () => {
  const links = [...guide.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, link = '']) => link);
  const paths = [...guide.matchAll(/(?<!\/)\b(deploy\/[a-z./-]+[a-z])/g)].map(([, path = '']) => path);

  expect(links.length).toBeGreaterThan(5);
  for (const link of links) {
    const [path = '', anchor] = link.split('#');
    const text = path === '' ? guide : await readFile(inProject(join('docs', path)), 'utf8').catch(() => '');
    const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
    );
    const isThere = text !== '' || (await exists(inProject(join('docs', path))));
    expect(`${link}: ${isThere && (anchor === undefined || anchors.includes(anchor))}`).toBe(`${link}: true`);
  }
  for (const path of paths) expect(`${path}: ${await exists(inProject(path))}`).toBe(`${path}: true`);
});

test('the guide shows a policy file that can be read', () => {
  const policy = parsePolicy(blockOf(guide, 'example: policy'), 'policy.yaml');

  expect(policy.approvals.length).toBe(2);
  expect(policy.sources.length).toBe(1);
});

test('the page on the policy file shows parts that can be read', async () => {
  const page = await readFile(inProject('docs/policy.md'), 'utf8');

  const policy = parsePolicy(blockOf(page, 'example: reach'), 'policy.yaml');

  expect(policy.notify[0]?.levels.length).toBe(3);
  expect(policy.links.length).toBe(2);
  expect(policy.owners.names['amira']).toBe('U024BE7LH');
  expect(parsePolicy(blockOf(page, 'example: alarms'), 'policy.yaml').alarms.length).toBe(3);
});

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
