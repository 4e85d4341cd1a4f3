import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestContext } from 'vitest';
import { z } from 'zod';
import { capture } from '../../scripts/child.mjs';
import { projectRoot } from '../../scripts/project.mjs';
import { chartValueOf } from '../../src/app/config/chart-values.ts';
import { aboutVariables } from '../../src/app/config/variables.ts';
import {
  byApplying,
  byComponent,
  byNamespaces,
  byOwnRedis,
  byPolicy,
  byRedisUrl,
  bySetting,
} from '../../src/app/doctor/mend.ts';
import type { Mend } from '../../src/app/doctor/mend.ts';
import { chartFolder, objectsOf, ofKind } from './render.ts';
import type { Rendered } from './render.ts';
import { environmentOf } from './secrets-of.ts';
import { findHelm, findKubectl, need } from './tools.ts';

/* What doctor says fixes a thing, done with the real tools: each line that it prints for Helm and for Kustomize. */

const kubernetesFolder = join(projectRoot, 'deploy/kubernetes');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oomkeeper-lines-'));
  await writeFile(join(folder, 'policy.yaml'), 'approvals: [{ who: [U024BE7LH] }]\n');
  await writeFile(join(folder, 'key.pem'), '-----BEGIN RSA PRIVATE KEY-----\nAAAA\n');
});
afterAll(() => rm(folder, { recursive: true }));

/** What everybody sets, and what makes requests from outside possible. */
const values =
  '--set cluster=prod --set slack.botToken=xoxb-1 --set slack.appToken=xapp-1 --set http.enabled=true --set github.appId=1';

/** What the chart makes with the line that doctor prints, as a shell reads it. */
async function byHelm(context: TestContext, { helm }: Mend): Promise<readonly Rendered[]> {
  const program = need(context, await findHelm());
  const begins = 'helm upgrade oomkeeper CHART -n oomkeeper --reset-then-reuse-values';
  expect(helm).toContain(begins);
  const line = (helm ?? '').replace(begins, `${program} template oomkeeper ${chartFolder} -n oomkeeper ${values}`);
  const { code, output } = await capture('sh', ['-c', line], { cwd: folder });
  if (code !== 0) throw new Error(`${line}: ${output}`);
  return objectsOf(output);
}

/** What a copy of the example makes after the edits that doctor names. */
async function byKustomize(context: TestContext, { kustomize }: Mend): Promise<readonly Rendered[]> {
  const program = need(context, await findKubectl());
  const copy = await mkdtemp(join(folder, 'overlay-'));
  await cp(join(kubernetesFolder, 'example-overlay'), copy, { recursive: true });
  const there = relative(copy, kubernetesFolder);
  const file = join(copy, 'kustomization.yaml');
  let text = (await readFile(file, 'utf8')).replaceAll('- ../', `- ${there}/`);
  const edits = (kustomize ?? '').split('; ');
  expect(edits.pop()).toBe('kubectl apply -k .');
  for (const edit of edits) {
    const [, list = '', entry = ''] = /^add to (components|resources): (.+)$/.exec(edit) ?? [];
    const [, place = '', name = '', value = ''] =
      /^set in (literals|watcher\.env|worker\.env|bot\.env): (\w+)=(.+)$/.exec(edit) ?? [];
    if (list !== '') text = withEntry(text, list, entry.replace('deploy/kubernetes', there));
    else if (place === 'literals') text = withEntry(without(text, `- ${name}=`), place, `${name}=${value}`);
    else if (place !== '') {
      const path = join(copy, place);
      await writeFile(path, `${without(await readFile(path, 'utf8'), `${name}=`)}${name}=${value}\n`);
    } else throw new Error(`nobody knows how to do this: ${edit}`);
  }
  await writeFile(file, text);
  const { code, output } = await capture(program, ['kustomize', copy]);
  if (code !== 0) throw new Error(`${kustomize}: ${output}`);
  return objectsOf(output);
}

/** A kustomization with an entry at the beginning of a list, once. */
function withEntry(text: string, list: string, entry: string): string {
  return without(text, `- ${entry}`).replace(
    `${list}:\n`,
    `${list}:\n${list === 'literals' ? '      ' : '  '}- '${entry}'\n`,
  );
}

/** Without the lines that begin so. */
function without(text: string, beginning: string): string {
  return text
    .split('\n')
    .filter((line) => !line.trimStart().startsWith(beginning))
    .join('\n');
}

/** What lies in the ConfigMaps among the objects. */
function configured(objects: readonly Rendered[]): Readonly<Record<string, string>> {
  const schema = z.looseObject({ data: z.record(z.string(), z.string()) });
  return Object.fromEntries(
    ofKind(objects, 'ConfigMap').flatMap((object) => Object.entries(schema.parse(object).data)),
  );
}

const settable = aboutVariables().filter(([name]) => name !== 'KUBECONFIG' && name !== 'REDIS_URL');
/** What the chart's value makes of some examples. */
const inFiles: Readonly<Record<string, string>> = {
  OOMKEEPER_POLICY: '/etc/oomkeeper/policy.yaml',
  GITHUB_PRIVATE_KEY: '-----BEGIN RSA PRIVATE KEY-----\nAAAA\n',
};

test('the lines for Helm that set variables set them, of each in the process that reads it', async (context) => {
  // Only one of them may say who approves.
  for (const left of ['OOMKEEPER_APPROVERS', 'OOMKEEPER_POLICY']) {
    const given = settable.filter(([name, about]) => name !== left && chartValueOf(name, about) !== null);
    const objects = await byHelm(
      context,
      bySetting('', Object.fromEntries(given.map(([name, { example }]) => [name, example]))),
    );

    for (const [name, { example, readBy }] of given)
      for (const one of readBy)
        expect(`${name}=${environmentOf(objects, one)[name]}`).toBe(`${name}=${inFiles[name] ?? example}`);
  }
});

test('the edits for Kustomize that set variables set them, of each in the process that reads it', async (context) => {
  const given = settable.filter(([name]) => name !== 'OOMKEEPER_MODE');
  const mend = bySetting('', Object.fromEntries(given.map(([name, { example }]) => [name, example])));

  const objects = await byKustomize(context, mend);

  for (const [name, { example, readBy }] of given)
    for (const one of readBy) expect(`${name}=${environmentOf(objects, one)[name]}`).toBe(`${name}=${example}`);
  expect(configured(objects)['OOMKEEPER_MODE']).toBe('observe');
});

test('each component gives Kustomize what the value gives Helm', async (context) => {
  for (const [mend, variable, value] of [
    [byComponent('', 'act'), 'OOMKEEPER_MODE', 'act'],
    [byComponent('', 'kubelet-metrics'), 'OOMKEEPER_KUBELET_METRICS', 'on'],
    [byNamespaces('', ['shop']), 'OOMKEEPER_NAMESPACES', 'shop'],
  ] as const) {
    expect(configured(await byHelm(context, mend))[variable]).toBe(value);
    expect(configured(await byKustomize(context, mend))[variable]).toBe(value);
  }
});

test('installing the same again brings the roles back', async (context) => {
  const roles = [await byHelm(context, byApplying('')), await byKustomize(context, byApplying(''))].map((objects) =>
    ofKind(objects, 'ClusterRole').map(({ metadata }) => metadata.name),
  );

  expect(roles[0]).toContain('oomkeeper-worker');
  expect(roles[1]).toContain('oomkeeper-worker');
});

test('the policy file goes into its ConfigMap', async (context) => {
  const objects = await byHelm(context, byPolicy(''));

  expect(ofKind(objects, 'ConfigMap').map(({ metadata }) => metadata.name)).toContain('oomkeeper-policy');
  const example = await readFile(join(kubernetesFolder, 'example-overlay/kustomization.yaml'), 'utf8');
  expect(example).toMatch(/name: oomkeeper-policy\n.*\n.*files: \[policy\.yaml\]/);
});

test('a Redis of their own, and one elsewhere', async (context) => {
  const own = [await byHelm(context, byOwnRedis('')), await byKustomize(context, byOwnRedis(''))];
  const elsewhere = [await byHelm(context, byRedisUrl('')), await byKustomize(context, byRedisUrl(''))];

  for (const objects of own)
    expect(ofKind(objects, 'StatefulSet').map(({ metadata }) => metadata.name)).toEqual(['oomkeeper-redis']);
  for (const objects of elsewhere)
    for (const one of ['watcher', 'worker', 'bot'])
      expect(environmentOf(objects, one)['REDIS_URL']).toBe('redis://USER:PASSWORD@HOST:6379');
});
