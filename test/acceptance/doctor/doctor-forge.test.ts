import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClock } from '../../../sandbox/clock.ts';
import { startGithub } from '../../../sandbox/github/start-github.ts';
import type { Github } from '../../../sandbox/github/start-github.ts';
import { closedPort, visit } from './doctor-visit.ts';
import type { Environment } from './doctor-visit.ts';

/* What `oomkeeper doctor forge` says of credentials and repositories that are not as they should be. */

const policy = `
approvals:
  - who: [U024BE7LH]
sources:
  - namespace: shop
    workload: Deployment/checkout
    source: shop/infra//apps/checkout.yaml@main
`;
const log = {
  error: (fields: object, message: string): never => {
    throw new Error(`${message} ${JSON.stringify(fields)}`);
  },
};
let folder: string;

async function fileWith(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const readOnly = {
  token: 'github_pat_hunter2_reads_only',
  login: 'reader',
  permissions: { metadata: 'read', contents: 'read', pull_requests: 'read' },
} as const;
const noPulls = {
  token: 'github_pat_hunter2_no_pulls',
  login: 'other',
  permissions: { metadata: 'read', contents: 'write' },
} as const;
let github: Github;
let mapped: Environment;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oomkeeper-doctor-'));
  const files = { 'apps/checkout.yaml': 'kind: Deployment\n' };
  github = await startGithub({
    clock: createClock(1),
    log,
    tokens: [readOnly, noPulls],
    repositories: [
      { owner: 'shop', repo: 'infra', files },
      { owner: 'shop', repo: 'old', files, archived: true },
      { owner: 'shop', repo: 'apart', files, installed: false },
    ],
  });
  mapped = {
    GITHUB_API_URL: github.apiUrl,
    GITHUB_TOKEN: github.token,
    GITHUB_WEBHOOK_SECRET: github.webhookSecret,
    OOMKEEPER_POLICY: await fileWith('policy.yaml', policy),
  };
});
afterAll(async () => {
  await github.close();
  await rm(folder, { recursive: true, force: true });
});

const app = (): Environment => ({
  GITHUB_TOKEN: '',
  GITHUB_APP_ID: String(github.app.id),
  GITHUB_PRIVATE_KEY: github.app.privateKey.replaceAll('\n', String.raw`\n`),
});
const mapping = async (repo: string): Promise<Environment> => ({
  OOMKEEPER_POLICY: await fileWith(`policy-${repo}.yaml`, policy.replace('shop/infra', `shop/${repo}`)),
});

test('a token and an App that may write are well', async () => {
  const token = await visit(['forge'], mapped);
  const asApp = await visit(['forge'], { ...mapped, ...app() });

  expect(token.findings.map(({ state }) => state)).toEqual(['ok', 'ok', 'ok']);
  expect(asApp.findings.map(({ state }) => state)).toEqual(['ok', 'ok', 'ok']);
  expect(asApp.of('credentials')?.text).toBe('GitHub accepts the App oomkeeper.');
  expect(github.requestLog().filter(({ method, path }) => method !== 'GET' && !path.includes('access_tokens'))).toEqual(
    [],
  );
});

test.each<[string, () => Promise<Environment>, string, RegExp]>([
  [
    'a wrong token',
    async () => ({ GITHUB_TOKEN: 'ghp_hunter2_wrong' }),
    'credentials',
    /does not accept the credentials/,
  ],
  ['both a token and an App', async () => ({ ...app(), GITHUB_TOKEN: github.token }), 'credentials', /both set/],
  ['half an App', async () => ({ GITHUB_TOKEN: '', GITHUB_APP_ID: '1' }), 'credentials', /needs both/],
  ['an App with a wrong id', async () => ({ ...app(), GITHUB_APP_ID: '1' }), 'credentials', /credentials|App/],
  ['a token that may only read', async () => ({ GITHUB_TOKEN: readOnly.token }), 'shop/infra', /contents not written/],
  ['a token without pull requests', async () => ({ GITHUB_TOKEN: noPulls.token }), 'shop/infra', /pull requests/],
  ['an archived repository', () => mapping('old'), 'shop/old', /is archived/],
  ['a repository that is not there', () => mapping('nowhere'), 'shop/nowhere', /there is no shop\/nowhere/],
  [
    'an App that is not installed',
    async () => ({ ...app(), ...(await mapping('apart')) }),
    'shop/apart',
    /not installed/,
  ],
  [
    'a GitHub that is away',
    async () => ({ GITHUB_API_URL: `http://127.0.0.1:${await closedPort()}` }),
    'credentials',
    /cannot be reached/,
  ],
])('%s is a problem', async (_, changes, what, text) => {
  const { of } = await visit(['forge'], { ...mapped, ...(await changes()) });

  expect(of(what)).toMatchObject({ state: 'problem', text: expect.stringMatching(text) });
});

test('a private key that is none is a problem, and is not shown', async () => {
  const { of } = await visit(['forge'], { ...mapped, ...app(), GITHUB_PRIVATE_KEY: '-----BEGIN hunter2' });

  expect(of('credentials')).toMatchObject({ state: 'problem', text: expect.stringContaining('is no private key') });
});

test('without a secret for its webhook a merge is seen late', async () => {
  const { of, code } = await visit(['forge'], { ...mapped, GITHUB_WEBHOOK_SECRET: '' });

  expect(of('webhook')).toMatchObject({ state: 'warning', mend: expect.stringContaining('/github/webhook') });
  expect(code).toBe(0);
});

test('without credentials nothing is asked; without a mapped repository only they are', async () => {
  const none = await visit(['forge'], { ...mapped, GITHUB_TOKEN: '' });
  const unmapped = await visit(['forge'], { ...mapped, OOMKEEPER_POLICY: '' });
  const broken = await visit(['forge'], { ...mapped, OOMKEEPER_POLICY: '/nowhere' });

  expect(none.findings).toMatchObject([{ what: 'credentials', state: 'skipped' }]);
  expect(unmapped.of('repositories')?.state).toBe('skipped');
  expect(broken.of('repositories')).toMatchObject({ state: 'problem', text: expect.stringContaining('/nowhere') });
});
