import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { capture } from '../../scripts/child.mjs';
import { projectRoot } from '../../scripts/project.mjs';

const read = (file: string): Promise<string> => readFile(join(projectRoot, file), 'utf8');
const versioned = z.looseObject({ version: z.string() });
const versionOf = async (file: string): Promise<string> => versioned.parse(JSON.parse(await read(file))).version;

test('program, image and chart have one number, which the changelog knows or is about to', async () => {
  const version = await versionOf('package.json');

  const chart = z
    .looseObject({ version: z.string(), appVersion: z.string() })
    .parse(parse(await read('deploy/helm/oomkeeper/Chart.yaml')));
  const kustomization = z
    .looseObject({ images: z.array(z.looseObject({ name: z.string(), newTag: z.string() })) })
    .parse(parse(await read('deploy/kubernetes/base/kustomization.yaml')));
  const pages = (await Promise.all(['docs/getting-started.md', 'docs/security.md'].map(read))).join('\n');
  const named = [...pages.matchAll(/(?:\boomkeeper:|\btags\/v)(\d+\.\d+\.\d+)/g)];
  expect({
    lock: await versionOf('package-lock.json'),
    chart: [chart.version, chart.appVersion],
    kustomize: kustomization.images.map(({ newTag }) => newTag),
    compose: /^ {2}image: oomkeeper:(.*)$/m.exec(await read('docker-compose.yml'))?.[1],
    dockerfile: / -t oomkeeper:(\S+) /.exec(await read('deploy/Dockerfile'))?.[1],
    docs: [...new Set(named.map(([, tag]) => tag))],
  }).toEqual({
    lock: version,
    chart: [version, version],
    kustomize: [version],
    compose: version,
    dockerfile: version,
    docs: [version],
  });
  const headings = (await read('CHANGELOG.md')).split('\n').filter((line) => line.startsWith('## '));
  expect(['Unreleased', version]).toContain(headings[0]?.split(' ')[1]);
});

test('no image and no runner is named by a word that means another one tomorrow', async () => {
  const files = [
    'docker-compose.yml',
    ...(await filesBelow('deploy')),
    ...(await filesBelow('.github')),
    'docs/getting-started.md',
  ];

  expect(files.length).toBeGreaterThan(30);
  for (const file of files)
    expect([file, /[:-]latest\b|tag: ?['"]?latest\b/i.exec(await read(file))?.[0]]).toEqual([file, undefined]);
});

const changelog = `# Changelog

## Unreleased

- Not yet.

## 0.3.0 - 2027-01-02

- **New**: a thing
  with a second line.

### Also

- Another.

## 0.2.0

- The first.
`;

test.each([
  ['v0.3.0', '- **New**: a thing\n  with a second line.\n\n### Also\n\n- Another.\n'],
  ['v0.2.0', '- The first.\n'],
])('the notes of %s are its section of the changelog and nothing else', async (tag, notes) => {
  const root = await projectOf(tag.slice(1));

  expect(await notesOf(tag, root)).toEqual({ code: 0, output: notes });
});

test.each([
  ['v0.2', {}, "'v0.2' is no tag of a release"],
  ['v0.4.0', {}, "CHANGELOG.md has nothing under '## 0.4.0'"],
  ['v0.3.0', { 'package.json': '{"version":"0.2.0"}' }, 'The tag says 0.3.0, and package.json says 0.2.0.'],
  ['v0.3.0', { 'package-lock.json': '{}' }, 'and package-lock.json says undefined.'],
  [
    'v0.3.0',
    { 'deploy/helm/oomkeeper/Chart.yaml': 'version: 0.3.0\nappVersion: 0.2.0\n' },
    'and appVersion of Chart.yaml says 0.2.0.',
  ],
])('%s makes no release where something else has another number (%j)', async (tag, files, words) => {
  const root = await projectOf(tag.slice(1), files);

  const { code, output } = await notesOf(tag, root);

  expect(code).toBe(1);
  expect(output).toContain(words);
});

async function projectOf(version: string, others: Readonly<Record<string, string>> = {}): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'oomkeeper-release-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const files = {
    'CHANGELOG.md': changelog,
    'package.json': JSON.stringify({ version }),
    'package-lock.json': JSON.stringify({ version }),
    'deploy/helm/oomkeeper/Chart.yaml': `version: ${version}\nappVersion: ${version}\n`,
    ...others,
  };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
  return root;
}

function notesOf(tag: string, root: string) {
  return capture(process.execPath, [join(projectRoot, 'scripts/release-notes.mjs'), tag, '--root', root]);
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const found = await readdir(join(projectRoot, folder), { recursive: true, withFileTypes: true });
  return found.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name).slice(projectRoot.length + 1));
}
