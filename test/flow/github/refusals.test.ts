import { afterEach, describe, expect, test } from 'vitest';
import type { FaultKind } from '../../../sandbox/github/faults.ts';
import type { RepositorySeed } from '../../../sandbox/github/github-state.ts';
import { Failure } from '../../../src/core/failure.ts';
import { deployment, resources, toMore } from '../../fixtures/manifests.ts';
import { cart, closeForgeWorlds, manifest, path, proposalOf, repo, source, startForgeWorld } from './forge-world.ts';
import { closeServers, startServer } from './some-server.ts';

afterEach(async () => {
  await closeServers();
  await closeForgeWorlds();
});

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const failure = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(failure instanceof Failure)) throw new Error(`no Failure, but ${String(failure)}`);
  return failure;
}

interface Row {
  readonly name: string;
  readonly code: string;
  readonly says: RegExp;
  readonly seed?: Partial<RepositorySeed>;
  readonly at?: Partial<typeof source>;
}

const many = Object.fromEntries(Array.from({ length: 41 }, (_, index) => [`apps/${index}.yaml`, cart]));
const alias = `x: &m 512Mi\n${manifest.replace('512Mi', '*m')}`;
const template = manifest.replace('512Mi', '{{ .Values.memory }}');

const rows: readonly Row[] = [
  {
    name: 'the repository is archived',
    code: 'github-archived',
    says: /archived and so read-only/,
    seed: { archived: true },
  },
  {
    name: 'there is no such repository',
    code: 'github-no-access',
    says: /there is no shop\/gone, or the credentials do not reach it/,
    at: { repo: 'gone' },
  },
  {
    name: 'there is no such branch',
    code: 'source-no-branch',
    says: /no branch next in shop\/infra/,
    at: { branch: 'next' },
  },
  {
    name: 'there is no such file',
    code: 'source-no-file',
    says: /There is no apps\/gone.yaml on main.*Name the file/,
    at: { path: 'apps/gone.yaml' },
  },
  {
    name: 'two files could be meant',
    code: 'source-two-candidates',
    says: /is in apps\/a.yaml and apps\/b.yaml; only one/,
    at: { path: 'apps' },
    seed: { files: { 'apps/a.yaml': manifest, 'apps/b.yaml': manifest } },
  },
  {
    name: 'no file of the folder holds it',
    code: 'source-not-found',
    says: /in none of the 2 manifests in shop\/infra\/\/apps \(1 of them could not be read/,
    at: { path: 'apps' },
    seed: { files: { 'apps/a.yaml': cart, 'apps/b.yml': '{{- x }}\na: b' } },
  },
  {
    name: 'the folder holds no manifests',
    code: 'source-not-found',
    says: /none of the 0 manifests/,
    at: { path: 'apps' },
    seed: { files: { 'apps/a.txt': manifest } },
  },
  {
    name: 'the folder holds too many',
    code: 'source-too-many-files',
    says: /41 manifests/,
    at: { path: 'apps' },
    seed: { files: many },
  },
  {
    name: 'the file holds another workload',
    code: 'source-not-found',
    says: /apps\/checkout.yaml: There is no Deployment checkout/,
    seed: { files: { [path]: cart } },
  },
  {
    name: 'the file has another container',
    code: 'source-container-not-found',
    says: /no container app/,
    seed: { files: { [path]: manifest.replace('name: app', 'name: web') } },
  },
  {
    name: 'the value is an alias',
    code: 'source-alias',
    says: /shop\/infra\/\/apps\/checkout.yaml: .*alias/,
    seed: { files: { [path]: alias } },
  },
  {
    name: 'the file is a template',
    code: 'source-template',
    says: /template|filled in/,
    seed: { files: { [path]: template } },
  },
  {
    name: 'the file has the value already',
    code: 'source-nothing-to-change',
    says: /has the wanted values already/,
    seed: { files: { [path]: manifest.replaceAll(/\d+Mi/g, '640Mi') } },
  },
  {
    name: 'the file is larger than 1 MiB',
    code: 'source-too-large',
    says: /larger than 1 MiB/,
    seed: { files: { [path]: manifest + '#'.repeat(1024 * 1024) } },
  },
];

describe('a refusal', () => {
  test.each(rows)('says so and changes nothing: $name', async ({ code, says, seed = {}, at = {} }) => {
    const { forge, pulls, writes } = await startForgeWorld(seed);
    const there = { ...source, ...at };

    const failures = [
      await failureOf(forge.preview(there, toMore)),
      await failureOf(forge.propose(proposalOf(640, { source: there }))),
    ];

    for (const failure of failures) {
      expect(failure).toMatchObject({ code, retry: 'never' });
      expect(failure.message).toMatch(says);
    }
    expect(writes()).toEqual([]);
    expect(pulls()).toEqual([]);
  });

  test('says that the App is not installed on the repository', async () => {
    const { forgeWith, github } = await startForgeWorld({ installed: false });
    const { id, privateKey } = github.app;

    const failure = await failureOf(forgeWith({ auth: { appId: id, privateKey } }).preview(source, toMore));

    expect(failure).toMatchObject({ code: 'github-no-access', retry: 'never' });
    expect(failure.message).toBe('The GitHub App is not installed on shop/infra; install it there.');
  });

  test.each([
    ['a token', { token: 'github_pat_gone' }],
    ['an App', { appId: 999_999, privateKey: '' }],
  ])('says that the credentials are not accepted, and does not show them: %s', async (_, auth) => {
    const { forgeWith, github } = await startForgeWorld();
    const forge = forgeWith({ auth: 'token' in auth ? auth : { ...auth, privateKey: github.app.privateKey } });

    const failure = await failureOf(forge.preview(source, toMore));

    expect(failure.retry).toBe('never');
    expect(failure.code).toMatch(/^github-(?:bad-credentials|no-access)$/);
    expect(failure.message).not.toContain('github_pat');
    expect(JSON.stringify(failure.cause)).not.toMatch(/github_pat_gone|PRIVATE KEY|eyJ/);
  });

  test('says which right is missing when a token may only read', async () => {
    const token = 'github_pat_reader';
    const permissions = { metadata: 'read', contents: 'read', pull_requests: 'read' } as const;
    const { forgeWith, pulls } = await startForgeWorld({}, { tokens: [{ token, login: 'reader', permissions }] });
    const forge = forgeWith({ auth: { token } });

    await expect(forge.preview(source, toMore)).resolves.toMatchObject({ path });
    const failure = await failureOf(forge.propose(proposalOf()));

    expect(failure).toMatchObject({ code: 'github-no-access', retry: 'never' });
    expect(failure.message).toMatch(/create the branch.*"contents" and "pull requests" with read and write/);
    expect(pulls()).toEqual([]);
  });

  test('says that a rule protects the branch that it wants to write to', async () => {
    const { forge, github } = await startForgeWorld();
    const proposal = proposalOf();
    await forge.propose(proposal);
    // The only branch that the pretended server lets be protected is the default one.
    github.control.protect(repo);

    const failure = await failureOf(forge.propose({ ...proposalOf(768), branch: 'main' }));

    expect(failure).toMatchObject({ code: 'github-branch-protected', retry: 'never' });
    expect(failure.message).toContain('A rule of shop/infra protects the branch');
  });

  const limits: readonly (readonly [FaultKind, string])[] = [
    ['secondary-rate-limit', 'a secondary rate limit'],
    ['rate-limit', 'the hour is used up'],
    ['rate-limit-429', 'the hour is used up, as 429'],
  ];

  test.each(limits)('waits as long as GitHub says: %s', async (kind) => {
    const { forge, github, pulls, writes } = await startForgeWorld();
    github.faults.inject({ kind, operation: 'pulls/create', afterS: 420 });

    const failure = await failureOf(forge.propose(proposalOf()));

    expect(failure.code).toBe('github-rate-limited');
    const { afterMs = 0 } = typeof failure.retry === 'object' ? failure.retry : {};
    expect(afterMs).toBeGreaterThan(400_000);
    expect(afterMs).toBeLessThanOrEqual(422_000);
    expect(writes().filter((one) => one === 'pulls/create')).toHaveLength(1);
    expect(pulls()).toEqual([]);
    await expect(forge.propose(proposalOf())).resolves.toMatchObject({ number: 1 });
  });

  test('says that GitHub cannot be reached', async () => {
    const { forgeWith, github } = await startForgeWorld();
    await github.close();

    const failure = await failureOf(forgeWith({}).preview(source, toMore));

    expect(failure).toMatchObject({ code: 'github-unreachable', retry: 'backoff' });
    expect(failure.message).toBe(
      'GitHub cannot be reached (ECONNREFUSED). Check the network, or GITHUB_API_URL if it is set.',
    );
  });

  test.each([
    ['something that is no API', 200, 'text/html', '<html>login</html>'],
    ['JSON of something else', 200, 'application/json', '{"ok":true}'],
    ['JSON that is cut off', 200, 'application/json', '{"archived":fal'],
  ])('says that the answer cannot be read: %s', async (_, status, type, body) => {
    const baseUrl = await startServer((__, response) => {
      response.writeHead(status, { 'content-type': type }).end(body);
    });
    const { forgeWith } = await startForgeWorld();

    const failure = await failureOf(forgeWith({ baseUrl }).preview(source, toMore));

    expect(failure).toMatchObject({ code: 'github-unreadable', retry: 'backoff' });
    expect(failure.message).toContain('GITHUB_API_URL');
  });

  test('keeps its deadline when nothing answers', async () => {
    const baseUrl = await startServer(() => undefined);
    const { forgeWith } = await startForgeWorld();
    const forge = forgeWith({ baseUrl, deadlineMs: 100 });

    const failure = await failureOf(forge.preview(source, toMore));

    expect(failure).toMatchObject({ code: 'github-timeout', retry: 'backoff' });
  });
});

test('the manifest is edited in the document that holds the workload, in a folder that holds others', async () => {
  const both = `${cart}---\n${manifest}`;
  const { forge, fileAt } = await startForgeWorld({
    files: { [path]: both, 'apps/job.yaml': deployment(resources, 'job') },
  });

  await forge.propose(proposalOf(640, { source: { ...source, path: 'apps' } }, { text: both, at: path }));

  const head = proposalOf().branch;
  expect(fileAt(head)).toBe(`${cart}---\n${manifest.replace('512Mi', '640Mi').replace('256Mi', '640Mi')}`);
});
