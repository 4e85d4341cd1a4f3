import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type TestContext } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { capture } from '../../scripts/child.mjs';
import { formatted } from '../../scripts/formatted.ts';
import { projectRoot } from '../../scripts/project.mjs';
import { blockOf } from './block-of.ts';
import { misspellingsOf, withHints } from './misspellings.ts';
import { chartFolder, type ChartValues } from './render.ts';
import { fourValues, versions } from './sets.ts';
import { findHelm, need } from './tools.ts';

const inChart = async (path: string): Promise<string> => readFile(join(chartFolder, path), 'utf8');

/** What helm says, with its exit code; not `template`, so that nothing is rendered for others. */
async function helm(context: TestContext, command: readonly string[], values: ChartValues) {
  const program = need(context, await findHelm());
  return capture(program, [...command, '--set-json', JSON.stringify(values)]);
}
const lint = async (context: TestContext, values: ChartValues) => helm(context, ['lint', chartFolder], values);
const install = async (context: TestContext, values: ChartValues) =>
  helm(context, ['install', 'oomkeeper', chartFolder, '--namespace', 'oomkeeper', '--dry-run=client'], values);

test('the schema knows every name and nothing else, and for what is nearly one it has a hint; -u writes the hints', async () => {
  const path = join(chartFolder, 'values.schema.json');
  const schema: unknown = JSON.parse(await readFile(path, 'utf8'));

  const text = await formatted(path, JSON.stringify(withHints(schema)));

  await expect(text).toMatchFileSnapshot(path);
});

test('no misspelling is a name that is known beside it', async () => {
  const schema: unknown = JSON.parse(await inChart('values.schema.json'));

  const wrong = objectsIn(schema).flatMap((names) =>
    names.flatMap((name) => names.filter((other) => new RegExp(misspellingsOf(name)).test(other))),
  );

  expect(wrong).toEqual([]);
});

test.for([
  ['channel', ['chanel', 'chnanel', 'channels', 'Channel', 'hannel', 'chsnnel']],
  ['botToken', ['bottoken', 'bot_token', 'bot-token', 'botTokem', 'botToke']],
] as const)('%s is meant by what is nearly that', ([name, typed]) => {
  const pattern = new RegExp(misspellingsOf(name));

  expect(typed.filter((one) => !pattern.test(one))).toEqual([]);
  expect(pattern.test(name)).toBe(false);
});

test('each value has a default and stands in the schema', async () => {
  const schema = z.looseObject({}).parse(JSON.parse(await inChart('values.schema.json')));
  const defaults: unknown = parse(await inChart('values.yaml'));

  // What another chart may set for all, and what is empty by default.
  const known = namesIn(schema, schema).filter((name) => name !== 'global');
  const inOneEach = new Set(known.map((name) => name.replace(/^(resources\.\w+)\..+$/, '$1')));
  expect([...inOneEach]).toEqual(pathsOf(defaults));
});

test('the defaults are right, and so are the four values of the guide', async (context) => {
  expect(await lint(context, {})).toMatchObject({ code: 0 });
  expect(await lint(context, fourValues)).toMatchObject({ code: 0 });
});

test.for([
  [{ chanel: 'x' }, `at '/chanel': value must be 'Did you mean "channel"?'`],
  [{ slack: { bot_token: 'x' } }, `at '/slack/bot_token': value must be 'Did you mean "botToken"?'`],
  [{ redis: { storage: { sise: '1Gi' } } }, `at '/redis/storage/sise': value must be 'Did you mean "size"?'`],
  [{ resources: { wroker: {} } }, `at '/resources/wroker': value must be 'Did you mean "worker"?'`],
  [{ somethingElse: 1 }, `additional properties 'somethingElse' not allowed`],
  [{ mode: 'acts' }, `at '/mode': value must be one of 'observe', 'act'`],
  [{ cluster: 'Prod 1' }, `at '/cluster': 'Prod 1' does not match pattern`],
  [{ slack: { botToken: 'xapp-1' } }, `at '/slack/botToken'`],
  [{ approvers: ['amira'] }, `at '/approvers/0'`],
  [{ image: { tag: 'latest' } }, `at '/image/tag': value must be 'a version; latest is another image tomorrow'`],
  [{ kubeletMetrics: 'yes' }, `at '/kubeletMetrics': got string, want boolean`],
  [{ redis: { external: { botUrl: 'http://redis' } } }, `at '/redis/external/botUrl'`],
  [{ settings: { look_back: '2h' } }, `invalid propertyName 'look_back'`],
] as const)('helm lint and helm install refuse %j', async ([values, words], context) => {
  const [linted, installed] = [await lint(context, values), await install(context, { ...fourValues, ...values })];

  expect(linted.output).toContain(words);
  expect(linted.code).not.toBe(0);
  expect(installed.output).toContain(words);
  expect(installed.code).not.toBe(0);
});

test.for([
  [{}, ['cluster: name this cluster', 'slack.botToken: the bot needs its token', 'slack.appToken: the bot needs']],
  [
    { ...fourValues, slack: { existingSecret: 'slack', botToken: 'xoxb-1' } },
    ['slack.existingSecret: tokens are given'],
  ],
  [{ ...fourValues, alertmanager: { secret: 'a-long-secret' } }, ['http.enabled: ']],
  [
    { ...fourValues, approvers: ['U024BE7LH'], policy: 'approvals: []' },
    ['approvers, policy, policyConfigMap: only one'],
  ],
  [{ ...fourValues, github: { privateKey: '-----BEGIN KEY-----' } }, ['github.appId: a private key needs']],
  [{ ...fourValues, redis: { enabled: false } }, ['redis.external.watcherUrl', 'redis.external.botUrl']],
  [{ ...fourValues, redis: { external: { botUrl: 'redis://x' } } }, ['redis.enabled: an external Redis is given']],
  [
    { ...fourValues, redis: { existingSecret: 'a', external: { botUrl: 'redis://x' } } },
    ['redis.existingSecret: URLs'],
  ],
  [{ ...fourValues, tests: { namespace: 'tests' } }, ['tests.namespace: a kill as a test needs mode act']],
  [{ ...fourValues, redis: { kind: 'valkey' } }, ['redis.image: name an image of Valkey']],
] as const)(
  'values that do not fit together are refused, each by a sentence: %j',
  async ([values, sentences], context) => {
    const { code, output } = await install(context, values);

    expect(code).not.toBe(0);
    for (const sentence of sentences) expect(output).toContain(`\n- ${sentence}`);
  },
);

test('after an installation helm says what to do next', async (context) => {
  const { code, output } = await install(context, fourValues);
  const acting = await install(context, { ...fourValues, mode: 'act' });

  expect(code).toBe(0);
  expect(output).toContain('type "/invite @Oomkeeper" in #oom-alerts');
  expect(output).toContain('helm test oomkeeper -n oomkeeper --logs');
  expect(output).toContain('try-kill --print --namespace default | kubectl apply -f -');
  expect(output).toContain('--set mode=act');
  expect(acting.output).toContain('Nobody may approve yet');
  expect(acting.output).not.toContain('--set mode=act');
});

test.for([
  ['prometheus-rule.yaml', 'deploy/monitoring/prometheus-rule.yaml'],
  ['only-memory.yaml', 'deploy/kubernetes/components/admission/only-memory.yaml'],
  ['only-other.yaml', 'deploy/kubernetes/components/admission/only-other.yaml'],
] as const)('%s of the chart is the file of deploy; -u copies it', async ([name, from]) => {
  // A chart holds no file from outside of its folder.
  const file = await readFile(join(projectRoot, from), 'utf8');

  await expect(file).toMatchFileSnapshot(join(chartFolder, 'files', name));
});

test('of every version of the chart there are values that are rendered with the newest, also of this one', async () => {
  const { version } = z.looseObject({ version: z.string() }).parse(parse(await inChart('Chart.yaml')));

  expect(versions).toContain(version);
});

test('a chart that was packaged is the same, and carries its version', async (context) => {
  const program = need(context, await findHelm());
  const folder = await mkdtemp(join(tmpdir(), 'oomkeeper-package-'));
  context.onTestFinished(async () => rm(folder, { recursive: true, force: true }));

  const packaged = await capture(program, ['package', chartFolder, '--destination', folder]);
  const [file = ''] = await readdir(folder);
  // Passwords are made anew by each rendering: not of what has a Redis elsewhere.
  const values = {
    ...fourValues,
    redis: { enabled: false, existingSecret: 'redis' },
    monitoring: { prometheusRule: true },
  };
  const render = async (chart: string) =>
    capture(program, ['template', 'oomkeeper', chart, '--set-json', JSON.stringify(values)]);

  expect(packaged.code).toBe(0);
  expect(file).toMatch(/^oomkeeper-\d+\.\d+\.\d+\.tgz$/);
  expect((await render(join(folder, file))).output).toBe((await render(chartFolder)).output);
});

test('the command of the guide installs', async (context) => {
  const guide = await readFile(join(projectRoot, 'docs/getting-started.md'), 'utf8');
  const folder = await mkdtemp(join(tmpdir(), 'oomkeeper-helm-'));
  context.onTestFinished(async () => rm(folder, { recursive: true, force: true }));
  // The real helm, without a cluster.
  await writeFile(join(folder, 'helm'), `#!/bin/sh\nexec ${need(context, await findHelm())} "$@" --dry-run=client\n`);
  await chmod(join(folder, 'helm'), 0o755);
  const env = {
    PATH: `${folder}:${process.env['PATH'] ?? ''}`,
    SLACK_BOT_TOKEN: 'xoxb-1',
    SLACK_APP_TOKEN: 'xapp-1',
  };

  const { code, output } = await capture('sh', ['-eu', '-c', blockOf(guide, 'commands: helm')], {
    env,
    cwd: projectRoot,
  });

  expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
  expect(output).toContain('observes in cluster prod');
  expect(output).toMatch(/image: "registry\.example\.com\/oomkeeper:\d/);
});

/** The names of properties of each object that a schema describes. */
function objectsIn(schema: unknown): readonly (readonly string[])[] {
  if (typeof schema !== 'object' || schema === null) return [];
  if (Array.isArray(schema)) return schema.flatMap(objectsIn);
  const { properties } = z.looseObject({ properties: z.record(z.string(), z.unknown()).optional() }).parse(schema);
  const below = Object.values(schema).flatMap(objectsIn);
  return properties === undefined ? below : [Object.keys(properties), ...below];
}

/** Paths of the values that a schema allows by name, in its order. */
function namesIn(schema: unknown, root: unknown, path = ''): readonly string[] {
  const shape = z.looseObject({
    properties: z.record(z.string(), z.unknown()).optional(),
    $ref: z.string().optional(),
  });
  const { properties, $ref } = shape.parse(schema);
  if ($ref !== undefined) {
    const found = z.looseObject({ definitions: z.record(z.string(), z.unknown()) }).parse(root).definitions;
    return namesIn(found[$ref.replace('#/definitions/', '')], root, path);
  }
  if (properties === undefined) return [path];
  return Object.entries(properties).flatMap(([key, one]) => namesIn(one, root, path === '' ? key : `${path}.${key}`));
}

/** Paths of what has a default, in the order of the file. */
function pathsOf(value: unknown, path = ''): readonly string[] {
  const isOpen = typeof value !== 'object' || value === null || Array.isArray(value) || Object.keys(value).length === 0;
  if (isOpen) return [path];
  return Object.entries(value).flatMap(([key, one]) => pathsOf(one, path === '' ? key : `${path}.${key}`));
}
