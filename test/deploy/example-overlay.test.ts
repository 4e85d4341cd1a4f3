import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type TestContext } from 'vitest';
import { capture } from '../../scripts/child.mjs';
import { projectRoot } from '../../scripts/project.mjs';
import { readConfig } from '../../src/app/config/config.ts';
import { eachItsOwn, whatEachMay } from './redis-users.ts';
import { objectsOf, ofKind, type Rendered } from './render.ts';
import { secretOwners } from './secret-owners.ts';
import { environmentOf, secretNamed } from './secrets-of.ts';
import { rendered } from './sets.ts';
import { findKubectl, need } from './tools.ts';
import { workloads } from './workloads.ts';

/*
 * The overlay that the guide has people copy. Here it is copied, edited as they edit it, and rendered by kubectl, with the
 * bases out of a Git repository at a version.
 */
const kubernetesFolder = join(projectRoot, 'deploy/kubernetes');
const example = join(kubernetesFolder, 'example-overlay');
const processes = ['watcher', 'worker', 'bot'] as const;

test('a copy of the example, with the bases out of Git, makes the system in the cluster that it names', async (context) => {
  const objects = await ofCopy(context, (text) => text);
  const base = await rendered(context, 'base');

  const kinds = (all: readonly Rendered[]) => all.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  const named = (all: readonly Rendered[]) => kinds(all).filter((one) => !one.startsWith('ConfigMap'));
  expect(named(objects)).toEqual(expect.arrayContaining([...named(base), 'StatefulSet oomkeeper-redis']));
  for (const process of processes) {
    const environment = environmentOf(objects, process);
    const secrets = Object.keys(environment).filter((one) => Object.values(secretOwners).flat().includes(one));
    expect(secrets.filter((one) => !secretOwners[process].includes(one))).toEqual([]);
    expect(readConfig(environment, [process]).OOMKEEPER_CLUSTER).toBe('blue');
  }
  const images = processes.map((name) => workloads(objects).get(`oomkeeper-${name}`)?.container.image);
  expect(new Set(images)).toEqual(new Set(['ghcr.io/oomkeeper/oomkeeper:0.2.0']));
});

test('its users let each process do its work in a real Redis and nothing else', async (context) => {
  const objects = await ofCopy(context, (text) => text);
  const urlOf = (process: string): string => environmentOf(objects, process)['REDIS_URL'] ?? '';
  const [users] = ofKind(objects, 'Secret').filter(({ metadata }) => metadata.name.startsWith('oomkeeper-redis-'));

  const answers = await whatEachMay(context, {
    users: secretNamed(objects, users?.metadata.name ?? '')['users.acl'] ?? '',
    urls: { watcher: urlOf('watcher'), worker: urlOf('worker'), bot: urlOf('bot') },
  });

  expect(answers).toEqual(eachItsOwn);
  const mounted = workloads(objects).get('oomkeeper-redis')?.pod.volumes;
  expect(JSON.stringify(mounted)).toContain(`"secretName":"${users?.metadata.name}"`);
});

test('what stands in it as a comment is right too: act in one namespace, with a policy file', async (context) => {
  const objects = await ofCopy(context, (text) =>
    text
      .replaceAll(/# (- ..\/components\/(?:act|one-namespace))$/gm, '$1')
      .replace('OOMKEEPER_CLUSTER=blue', 'OOMKEEPER_CLUSTER=blue\n      - OOMKEEPER_NAMESPACES=payments')
      .replaceAll(/^( *)# (- name: oomkeeper-policy| {2}namespace: oomkeeper| {2}files: \[policy.yaml\])$/gm, '$1$2')
      .replaceAll(/^# (patches:| {2,}(?!https).*)$/gm, '$1'),
  );

  const bindings = ofKind(objects, 'RoleBinding').map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  expect(bindings).toEqual(['payments/oomkeeper-watcher', 'payments/oomkeeper-worker']);
  expect(environmentOf(objects, 'worker')).toMatchObject({ OOMKEEPER_MODE: 'act', OOMKEEPER_NAMESPACES: 'payments' });
  const policies = ofKind(objects, 'ConfigMap').filter(({ metadata }) => metadata.name.startsWith('oomkeeper-policy-'));
  expect(policies).toHaveLength(1);
  expect(JSON.stringify(workloads(objects).get('oomkeeper-worker')?.pod.volumes)).toContain(
    `"configMap":{"name":"${policies[0]?.metadata.name}"`,
  );
});

test('the example of Redis users is what docs/security.md explains', async () => {
  const page = await readFile(join(projectRoot, 'docs/security.md'), 'utf8');
  const users = await readFile(join(example, 'users.acl'), 'utf8');

  const told = [...page.matchAll(/^ACL SETUSER (.+)$/gm)].map(([, rule]) => rule);

  expect(told.length).toBe(3);
  const rules = [...users.matchAll(/^user (oomkeeper-(?:watcher|worker|bot) .+)$/gm)].map(([, rule = '']) => rule);
  expect(rules.map((rule) => rule.replace(/>[A-Z]+-PASSWORD/, '>PASSWORD'))).toEqual(told);
});

/** The objects of a copy of the example for the cluster `blue`, whose kustomization is edited further. */
async function ofCopy(context: TestContext, edit: (kustomization: string) => string): Promise<readonly Rendered[]> {
  const kubectl = need(context, await findKubectl());
  const folder = await mkdtemp(join(tmpdir(), 'oomkeeper-overlay-'));
  context.onTestFinished(async () => rm(folder, { recursive: true, force: true }));
  const repository = await publish(context, join(folder, 'repository'));
  const copy = join(folder, 'oomkeeper');
  await cp(example, copy, { recursive: true });
  await writeFile(join(copy, 'policy.yaml'), 'approvals: []\n');
  for (const name of await readdir(copy)) {
    const text = await readFile(join(copy, name), 'utf8');
    const named = text
      .replaceAll('{oomkeeper:prod}', '{oomkeeper:blue}')
      .replace('OOMKEEPER_CLUSTER=prod', 'OOMKEEPER_CLUSTER=blue')
      .replaceAll(/[A-Z]+-PASSWORD/g, (placeholder) => Buffer.from(placeholder).toString('hex'));
    const edited = name === 'kustomization.yaml' ? edit(named) : named;
    const remote = (path: string) => `file://${repository}//deploy/kubernetes/${path}?ref=v0.2.0`;
    await writeFile(
      join(copy, name),
      edited.replaceAll(/(?<=[\s[])\.\.\/([a-z/-]+)(?=[\n,\]])/g, (_, path: string) => remote(path)),
    );
  }

  const { code, output } = await capture(kubectl, ['kustomize', copy]);

  if (code !== 0) throw new Error(output);
  return objectsOf(output);
}

/** A Git repository with `deploy/kubernetes`, at the version v0.2.0. Skips the test where there is no Git. */
async function publish(context: TestContext, folder: string): Promise<string> {
  await cp(kubernetesFolder, join(folder, 'deploy/kubernetes'), { recursive: true });
  const who = ['-c', 'user.name=somebody', '-c', 'user.email=somebody@example.com', '-c', 'commit.gpgsign=false'];
  for (const command of [
    ['init', '--quiet'],
    ['add', '.'],
    [...who, 'commit', '--quiet', '-m', 'x'],
    ['tag', 'v0.2.0'],
  ]) {
    const { code, output } = await capture('git', ['-C', folder, ...command]);
    if (code !== 0) return context.skip(`Git could not ${command.join(' ')}: ${output.trim()}`);
  }
  return folder;
}
