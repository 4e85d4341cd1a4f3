import { createAppAuth } from '@octokit/auth-app';
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createHandClock } from '../../../sandbox/hand-clock.ts';
import { branchWithRaise, openRaise, refusalOf, shop, startTestGithub } from './github-world.ts';

const hourMs = 3_600_000;

describe('who may', () => {
  test('an app finds its installation and writes with the token of it', async () => {
    const { app, clientWith, installation } = await startTestGithub();
    const self = clientWith({ authStrategy: createAppAuth, auth: { appId: app.id, privateKey: app.privateKey } });

    const about = await self.rest.apps.getAuthenticated();
    const found = await self.rest.apps.getRepoInstallation(shop);
    const token = await self.rest.apps.createInstallationAccessToken({ installation_id: found.data.id });
    const commit = await branchWithRaise(installation);
    const written = await installation.rest.git.getCommit({ ...shop, commit_sha: commit });

    expect(about.data).toMatchObject({ id: app.id, slug: 'oomkeeper', permissions: { contents: 'write' } });
    expect(found.data).toMatchObject({ id: app.installationId, account: { login: 'acme' } });
    expect(token.data.token).toMatch(/^ghs_/);
    expect(Date.parse(token.data.expires_at)).toBeGreaterThan(Date.now() + hourMs - 60_000);
    expect(written.data.author).toMatchObject({ name: 'oomkeeper[bot]' });
  });

  test('an Enterprise server answers the same below its own address, and links to itself', async () => {
    const { app, clientWith, enterpriseApiUrl, requestLog } = await startTestGithub();
    const { id: appId, installationId, privateKey } = app;
    const auth = { appId, privateKey, installationId };
    const client = clientWith({ baseUrl: enterpriseApiUrl, authStrategy: createAppAuth, auth });

    const number = await openRaise(client);
    const pull = await client.rest.pulls.get({ ...shop, pull_number: number });

    expect(enterpriseApiUrl).toMatch(/\/api\/v3$/);
    expect(pull.data.url).toBe(`${enterpriseApiUrl}/repos/acme/shop/pulls/1`);
    expect(pull.headers).toMatchObject({ 'x-github-enterprise-version': '3.18.0' });
    expect(requestLog().every(({ isEnterprise }) => isEnterprise)).toBe(true);
  });

  test('a token of an installation ends after an hour, and one that is made anew works', async () => {
    const clock = createHandClock(Date.now());
    const { app, clientWith } = await startTestGithub({ clock });
    const self = clientWith({ authStrategy: createAppAuth, auth: { appId: app.id, privateKey: app.privateKey } });
    const issued = await self.rest.apps.createInstallationAccessToken({ installation_id: app.installationId });
    const client = clientWith({ auth: issued.data.token });

    const fresh = await client.rest.repos.get(shop);
    await clock.advance(hourMs + 1);
    const stale = await refusalOf(client.rest.repos.get(shop));
    const next = await self.rest.apps.createInstallationAccessToken({ installation_id: app.installationId });
    const renewed = await clientWith({ auth: next.data.token }).rest.repos.get(shop);

    expect([fresh.status, renewed.status]).toEqual([200, 200]);
    expect(stale).toMatchObject({ status: 401, message: 'Bad credentials' });
  });

  test('octokit corrects a clock that is an hour behind by what GitHub says', async () => {
    const clock = createHandClock(Date.now() + hourMs);
    const { app, clientWith } = await startTestGithub({ clock });
    const self = clientWith({ authStrategy: createAppAuth, auth: { appId: app.id, privateKey: app.privateKey } });

    const about = await self.rest.apps.getAuthenticated();

    expect(about.data).toMatchObject({ id: app.id });
  });

  test.each([
    ['another key', { key: 'other' }, 401, 'A JSON web token could not be decoded'],
    ['an unknown app', { appId: 1 }, 404, 'Integration not found'],
  ])('refuses a token signed with %s', async (_, wrong, status, message) => {
    const { app, clientWith } = await startTestGithub();
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const privateKey = 'key' in wrong ? other.export({ type: 'pkcs1', format: 'pem' }).toString() : app.privateKey;
    const auth = { appId: 'appId' in wrong ? wrong.appId : app.id, privateKey };
    const self = clientWith({ authStrategy: createAppAuth, auth });

    const refused = await refusalOf(self.rest.apps.getRepoInstallation(shop));

    expect(refused).toMatchObject({ status, message });
  });

  test('an app’s own token opens no repository, and an installation’s does not speak for the app', async () => {
    const { app, clientWith, installation } = await startTestGithub();
    const { token } = (await createAppAuth({ appId: app.id, privateKey: app.privateKey })({ type: 'app' })) as {
      token: string;
    };
    const asApp = clientWith({ auth: `bearer ${token}` });
    const own = (await installation.auth({ type: 'installation' })) as { token: string };
    const asInstallation = clientWith({ auth: own.token });

    expect(await refusalOf(asApp.rest.repos.get(shop))).toMatchObject({
      status: 403,
      message: 'Resource not accessible by integration',
    });
    expect(await refusalOf(asInstallation.rest.apps.getAuthenticated())).toMatchObject({ status: 401 });
    expect(await refusalOf(asInstallation.rest.users.getAuthenticated())).toMatchObject({ status: 403 });
  });

  test('a repository without the app, or of another owner, does not exist for it', async () => {
    const files = { a: 'a' };
    const { app, clientWith, installation, person } = await startTestGithub({
      repositories: [
        { ...shop, files },
        { owner: 'acme', repo: 'secret', files, installed: false },
        { owner: 'other', repo: 'shop', files },
      ],
    });
    const self = clientWith({ authStrategy: createAppAuth, auth: { appId: app.id, privateKey: app.privateKey } });
    const secret = { owner: 'acme', repo: 'secret' };

    const hidden = [
      await refusalOf(installation.rest.repos.get(secret)),
      await refusalOf(installation.rest.repos.get({ owner: 'other', repo: 'shop' })),
      await refusalOf(self.rest.apps.getRepoInstallation(secret)),
    ];
    const elsewhere = await self.rest.apps.getRepoInstallation({ owner: 'other', repo: 'shop' });
    const seen = await person.rest.repos.get(secret);

    expect(hidden.map(({ status }) => status)).toEqual([404, 404, 404]);
    expect(elsewhere.data.id).not.toBe(app.installationId);
    expect(seen.data).toMatchObject({ full_name: 'acme/secret', permissions: { push: true } });
  });

  test('permissions that a token lacks are named', async () => {
    const { app, clientWith } = await startTestGithub({
      tokens: [{ token: 'github_pat_reader', login: 'reader', permissions: { metadata: 'read', contents: 'read' } }],
    });
    const auth = { appId: app.id, privateKey: app.privateKey };
    const self = clientWith({ authStrategy: createAppAuth, auth });
    const create = self.rest.apps.createInstallationAccessToken;
    const narrow = await create({ installation_id: app.installationId, permissions: { contents: 'read' } });
    const reader = clientWith({ auth: narrow.data.token });
    const person = clientWith({ auth: 'github_pat_reader' });
    const ref = { ...shop, ref: 'refs/heads/x', sha: '0'.repeat(40) };

    const read = await reader.rest.repos.getContent({ ...shop, path: 'README.md' });
    const byApp = await refusalOf(reader.rest.git.createRef(ref));
    const byPerson = await refusalOf(person.rest.git.createRef(ref));
    const tooMuch = await refusalOf(create({ installation_id: app.installationId, permissions: { actions: 'write' } }));
    const unknown = await refusalOf(create({ installation_id: app.installationId, repositories: ['nothing'] }));

    expect(read.status).toBe(200);
    expect(narrow.data.permissions).toEqual({ metadata: 'read', contents: 'read' });
    expect(byApp).toMatchObject({ status: 403, message: 'Resource not accessible by integration' });
    expect(byApp.headers['x-accepted-github-permissions']).toBe('contents=write');
    expect(byPerson).toMatchObject({ status: 403, message: 'Resource not accessible by personal access token' });
    expect(tooMuch).toMatchObject({
      status: 422,
      message: 'The permissions requested are not granted to this installation.',
    });
    expect(unknown).toMatchObject({ status: 422, message: expect.stringContaining('at least one repository') });
  });

  test('a token may be narrowed to some repositories', async () => {
    const files = { a: 'a' };
    const repositories = [
      { ...shop, files },
      { owner: 'acme', repo: 'other', files },
    ];
    const { app, clientWith } = await startTestGithub({ repositories });
    const auth = { appId: app.id, privateKey: app.privateKey };
    const self = clientWith({ authStrategy: createAppAuth, auth });

    const token = await self.rest.apps.createInstallationAccessToken({
      installation_id: app.installationId,
      repositories: ['shop'],
    });
    const client = clientWith({ auth: token.data.token });

    expect(token.data).toMatchObject({ repository_selection: 'selected', repositories: [{ name: 'shop' }] });
    expect((await client.rest.repos.get(shop)).status).toBe(200);
    expect(await refusalOf(client.rest.repos.get({ owner: 'acme', repo: 'other' }))).toMatchObject({ status: 404 });
  });

  test('strangers: a wrong token is refused, and without one nothing is there', async () => {
    const { clientWith, person } = await startTestGithub();

    const wrong = await refusalOf(clientWith({ auth: 'ghp_wrong' }).rest.repos.get(shop));
    const nobody = await refusalOf(clientWith({}).rest.repos.get(shop));
    const whoami = await refusalOf(clientWith({}).rest.users.getAuthenticated());
    const someone = await person.rest.users.getAuthenticated();

    expect(wrong).toMatchObject({ status: 401, message: 'Bad credentials' });
    expect(nobody).toMatchObject({ status: 404, message: 'Not Found' });
    expect(whoami).toMatchObject({ status: 401, message: 'Requires authentication' });
    expect(someone.data).toMatchObject({ login: 'oomkeeper-machine', type: 'User' });
  });
});
