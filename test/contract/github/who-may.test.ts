import { createAppAuth } from '@octokit/auth-app';
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createHandClock } from '../../../sandbox/hand-clock.ts';
import { branchWithRaise, openRaise, refusalOf, shop, startTestGithub, type TestGithub } from './github-world.ts';

const hourMs = 3_600_000;

function asApp({ app, clientWith }: TestGithub, changes: { appId?: number; privateKey?: string } = {}) {
  const auth = { appId: app.id, privateKey: app.privateKey, ...changes };
  return clientWith({ authStrategy: createAppAuth, auth });
}

describe('who may', () => {
  test('an app finds its installation and writes with the token of it', async () => {
    const github = await startTestGithub();

    const about = await asApp(github).rest.apps.getAuthenticated();
    const found = await asApp(github).rest.apps.getRepoInstallation(shop);
    const commit = await branchWithRaise(github.installation);
    const written = await github.installation.rest.git.getCommit({ ...shop, commit_sha: commit });

    expect(about.data).toMatchObject({ id: github.app.id, slug: 'oomkeeper', permissions: { contents: 'write' } });
    expect(found.data).toMatchObject({ id: github.app.installationId, account: { login: 'acme' } });
    expect(written.data.author).toMatchObject({ name: 'oomkeeper[bot]' });
  });

  test('an Enterprise server answers the same below its own address', async () => {
    const { clientWith, enterpriseApiUrl, requestLog, token } = await startTestGithub();

    const number = await openRaise(clientWith({ baseUrl: enterpriseApiUrl, auth: token }));

    expect(number).toBe(1);
    expect(requestLog().filter(({ isEnterprise }) => !isEnterprise)).toEqual([]);
  });

  test('a token of an installation ends after an hour, and one that is made anew works', async () => {
    const clock = createHandClock(Date.now());
    const github = await startTestGithub({ clock });
    const { installationId } = github.app;
    const issue = async () => {
      const { data } = await asApp(github).rest.apps.createInstallationAccessToken({ installation_id: installationId });
      return github.clientWith({ auth: data.token }).rest.repos;
    };

    const first = await issue();
    const fresh = await first.get(shop);
    await clock.advance(hourMs + 1);
    const stale = await refusalOf(first.get(shop));
    const renewed = await (await issue()).get(shop);

    expect([fresh.status, renewed.status]).toEqual([200, 200]);
    expect(stale).toMatchObject({ status: 401, message: 'Bad credentials' });
  });

  test('octokit corrects a clock that is an hour behind by what GitHub says', async () => {
    const github = await startTestGithub({ clock: createHandClock(Date.now() + hourMs) });

    await expect(asApp(github).rest.apps.getAuthenticated()).resolves.toMatchObject({ data: { id: github.app.id } });
  });

  test('a token signed with another key or for an unknown app is refused', async () => {
    const github = await startTestGithub();
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();

    const otherKey = await refusalOf(asApp(github, { privateKey: pem }).rest.apps.getRepoInstallation(shop));
    const unknown = await refusalOf(asApp(github, { appId: 1 }).rest.apps.getRepoInstallation(shop));

    expect(otherKey).toMatchObject({ status: 401, message: 'A JSON web token could not be decoded' });
    expect(unknown).toMatchObject({ status: 404, message: 'Integration not found' });
  });

  test('an app’s own token opens no repository, and an installation’s does not speak for the app', async () => {
    const { app, clientWith, installation } = await startTestGithub();
    const auth = createAppAuth({ appId: app.id, privateKey: app.privateKey });
    const { token } = (await auth({ type: 'app' })) as { token: string };
    const own = (await installation.auth({ type: 'installation' })) as { token: string };

    const repository = await refusalOf(clientWith({ auth: `bearer ${token}` }).rest.repos.get(shop));
    const about = await refusalOf(clientWith({ auth: own.token }).rest.apps.getAuthenticated());

    expect(repository).toMatchObject({ status: 403, message: 'Resource not accessible by integration' });
    expect(about).toMatchObject({ status: 401 });
  });

  test('a repository without the app, or of another owner, does not exist for it', async () => {
    const files = { a: 'a' };
    const github = await startTestGithub({
      repositories: [
        { ...shop, files },
        { owner: 'acme', repo: 'secret', files, installed: false },
        { owner: 'other', repo: 'shop', files },
      ],
    });
    const secret = { owner: 'acme', repo: 'secret' };

    const hidden = [
      await refusalOf(github.installation.rest.repos.get(secret)),
      await refusalOf(github.installation.rest.repos.get({ owner: 'other', repo: 'shop' })),
      await refusalOf(asApp(github).rest.apps.getRepoInstallation(secret)),
    ];

    expect(hidden.map(({ status }) => status)).toEqual([404, 404, 404]);
    expect((await github.person.rest.repos.get(secret)).data).toMatchObject({ permissions: { push: true } });
  });

  test('strangers: a wrong token is refused, and without one nothing is there', async () => {
    const { clientWith } = await startTestGithub();

    const wrong = await refusalOf(clientWith({ auth: 'ghp_wrong' }).rest.repos.get(shop));
    const nobody = await refusalOf(clientWith({}).rest.repos.get(shop));

    expect(wrong).toMatchObject({ status: 401, message: 'Bad credentials' });
    expect(nobody).toMatchObject({ status: 404, message: 'Not Found' });
  });

  test('a right that a token lacks is named', async () => {
    const permissions = { metadata: 'read', contents: 'read' } as const;
    const { clientWith } = await startTestGithub({
      tokens: [{ token: 'github_pat_reader', login: 'reader', permissions }],
    });
    const { git, issues, repos } = clientWith({ auth: 'github_pat_reader' }).rest;

    const read = await repos.getContent({ ...shop, path: 'README.md' });
    const write = await refusalOf(git.createRef({ ...shop, ref: 'refs/heads/x', sha: '0'.repeat(40) }));
    const label = await refusalOf(issues.addLabels({ ...shop, issue_number: 1, labels: ['x'] }));

    expect(read.status).toBe(200);
    expect(write).toMatchObject({ status: 403, message: 'Resource not accessible by personal access token' });
    expect(write.headers['x-accepted-github-permissions']).toBe('contents=write');
    expect(label.headers['x-accepted-github-permissions']).toBe('issues=write; pull_requests=write');
  });
});
