import { X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createServerCertificate } from '../../../../sandbox/kubernetes/server/server-certificate.ts';
import { connect } from '../../../../src/adapters/kubernetes/transport/connect.ts';
import { fingerprintOf, startBareProxy, startBareServer } from '../watch/bare-server.ts';
import { get, openConnectWorld } from '../watch/connect-world.ts';
import type { ConnectWorld } from '../watch/connect-world.ts';
import { eventually } from '../../../eventually.ts';

let world: ConnectWorld;
beforeAll(async () => {
  world = await openConnectWorld();
});
afterAll(() => world.close());
beforeEach(() => world.reset());

describe('who we are', () => {
  test.each<[string, object, object]>([
    ['a token', { token: 'abc' }, { authorization: 'Bearer abc' }],
    ['a password', { username: 'me', password: 'hunter2' }, { authorization: 'Basic bWU6aHVudGVyMg==' }],
    ['a name without a password', { username: 'me' }, { authorization: 'Basic bWU6' }],
    ['nobody', {}, { authorization: undefined }],
    [
      'somebody else',
      { token: 'abc', as: 'jane', 'as-groups': ['a', 'b'] },
      { headers: expect.objectContaining({ 'impersonate-user': 'jane', 'impersonate-group': 'a, b' }) },
    ],
  ])('%s', async (_, user, expected) => {
    await get(await world.connectAs(user));

    expect(world.server.seen).toMatchObject([expected]);
  });

  test('a file with a token, named relative to the kubeconfig and with a line end', async () => {
    await world.file('token-1', 'from-file\n');

    await get(await world.connectAs({ tokenFile: 'token-1' }));

    expect(world.server.seen).toMatchObject([{ authorization: 'Bearer from-file' }]);
  });

  test('a plugin, run once for many calls', async () => {
    const { command, runs } = await world.plugin('plugin-token', { token: 'from-plugin' });
    const transport = await world.connectAs({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command } });

    await Promise.all(Array.from({ length: 5 }, () => get(transport)));

    expect(new Set(world.server.seen.map(({ authorization }) => authorization))).toEqual(
      new Set(['Bearer from-plugin']),
    );
    expect(await runs()).toBe(1);
    expect(JSON.parse(await readFile(join(world.folder, 'plugin-token.runs'), 'utf8'))).toEqual({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      spec: { interactive: false },
    });
  });

  test('a plugin that fails is a sentence, and its next try counts', async () => {
    const path = await world.file('plugin-late', '#!/bin/sh\necho "log in first" >&2\nexit 1\n');
    await chmod(path, 0o700);
    const transport = await world.connectAs({ exec: { command: './plugin-late' } });

    await expect(get(transport)).rejects.toMatchObject({
      code: 'cluster-credentials',
      retry: 'backoff',
      message: expect.stringMatching(/log in first/),
    });
    await world.file('plugin-late', `#!/bin/sh\necho '{"status":{"token":"late"}}'\n`);
    await get(transport);

    expect(world.server.seen).toMatchObject([{ authorization: 'Bearer late' }]);
  });

  test.each<[string, object, string]>([
    [
      'is not there',
      { command: './no-such', installHint: 'Get it from example.com.' },
      'is not on this machine. Get it',
    ],
    ['wants to ask somebody', { interactiveMode: 'Always' }, 'interactiveMode: Always'],
    ['fails without a word', { args: ['exit 7'] }, 'failed: it said nothing'],
    ['says something else', { args: ['echo hello'] }, 'no ExecCredential'],
    ['gives no status', { args: [`echo '{"kind":"ExecCredential"}'`] }, 'no ExecCredential'],
    ['reads what nobody types', { args: ['read -r answer || echo nobody there >&2; exit 1'] }, 'failed: nobody there'],
  ])('a plugin that %s is a sentence', async (_, exec, words) => {
    const named = {
      command: '/bin/sh',
      ...exec,
      ...('args' in exec ? { args: ['-c', ...(exec.args as string[])] } : {}),
    };

    await expect(get(await world.connectAs({ exec: named }))).rejects.toMatchObject({
      code: 'cluster-credentials',
      retry: 'backoff',
      message: expect.stringContaining(words),
    });
    expect(world.server.seen).toEqual([]);
  });

  test('a plugin that asks for the cluster is told of it', async () => {
    const { command } = await world.plugin('plugin-curious', { token: 'a' });
    const proxy = await startBareProxy();
    onTestFinished(proxy.close);
    const proxyUrl = `http://127.0.0.1:${proxy.port}`;

    await get(await world.connectAs({ exec: { command, provideClusterInfo: true } }, { 'proxy-url': proxyUrl }));

    const told = JSON.parse(await readFile(join(world.folder, 'plugin-curious.runs'), 'utf8')) as { spec: object };
    expect(told.spec).toEqual({
      interactive: false,
      cluster: {
        server: world.server.url,
        'certificate-authority-data': Buffer.from(world.server.certificate()).toString('base64'),
        'proxy-url': proxyUrl,
      },
    });
  });

  test('an OIDC token that has not expired', async () => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const idToken = `${part({ alg: 'none' })}.${part({ exp: Math.floor(Date.now() / 1000) + 3600 })}.x`;

    await get(await world.connectAs({ 'auth-provider': { name: 'oidc', config: { 'id-token': idToken } } }));

    expect(world.server.seen).toMatchObject([{ authorization: `Bearer ${idToken}` }]);
  });

  test.each([
    ['an OIDC token that has expired', { name: 'oidc', config: { 'id-token': 'e30.eyJleHAiOjF9.x' } }],
    ['a provider that nobody knows', { name: 'openstack', config: {} }],
  ])('%s is a sentence, and nobody is asked without it', async (_, provider) => {
    await expect(get(await world.connectAs({ 'auth-provider': provider }))).rejects.toMatchObject({
      code: 'cluster-credentials',
      message: expect.stringContaining(`auth-provider ${provider.name} gives no token`),
    });
    expect(world.server.seen).toEqual([]);
  });

  test('the account of a pod, found without a kubeconfig', async () => {
    const root = join(world.folder, 'pod');
    const folder = join(root, 'var/run/secrets/kubernetes.io/serviceaccount');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'token'), 'of-the-pod');
    await writeFile(join(folder, 'ca.crt'), world.server.certificate());
    const { hostname, port } = new URL(world.server.url);
    vi.stubEnv('HOME', world.folder);
    vi.stubEnv('KUBERNETES_SERVICE_HOST', hostname);
    vi.stubEnv('KUBERNETES_SERVICE_PORT', port);
    onTestFinished(() => void vi.unstubAllEnvs());

    await get(await connect({ kubeconfig: '', root }));

    expect(world.server.seen).toMatchObject([{ authorization: 'Bearer of-the-pod' }]);
  });
});

describe('what is rotated is picked up', () => {
  const onlyToken = (token: string): void => {
    world.server.answer = ({ authorization }, response) => {
      if (authorization !== `Bearer ${token}`) response.statusCode = 401;
      response.end('{}');
    };
  };

  test('a token whose predecessor is refused', async () => {
    const path = await world.file('token-2', 'old');
    const transport = await world.connectAs({ tokenFile: path });
    await get(transport);

    await writeFile(path, 'new');
    onlyToken('new');
    await expect(get(transport)).rejects.toMatchObject({ code: 'cluster-unauthorized', retry: 'backoff' });
    await get(transport);

    expect(world.server.seen.at(-1)?.authorization).toBe('Bearer new');
  });

  test("a plugin's token that is refused before its time", async () => {
    const { command, runs } = await world.plugin('plugin-revoked', {
      token: 'old',
      expirationTimestamp: new Date(Date.now() + 3_600_000).toISOString(),
    });
    const transport = await world.connectAs({ exec: { command } });
    await get(transport);

    await world.file('plugin-revoked.status', JSON.stringify({ token: 'new' }));
    onlyToken('new');
    await expect(get(transport)).rejects.toMatchObject({ code: 'cluster-unauthorized' });
    await get(transport);

    expect(await runs()).toBe(2);
  });

  test("the server's certificate, by a file with the new authority", async () => {
    const rotating = await startBareServer();
    const ca = await world.file('ca-rotating', rotating.certificate());
    const transport = await world.connectAs(
      { token: 'a' },
      { 'certificate-authority-data': undefined, 'certificate-authority': ca },
      {},
      rotating,
    );
    await get(transport);

    await rotating.rotate();
    await expect(get(transport)).rejects.toMatchObject({ code: 'cluster-unreachable' });
    await writeFile(ca, rotating.certificate());
    await eventually(async () => expect(await get(transport).catch(() => null)).toEqual({}));

    await rotating.close();
  });

  test.each([
    ["the client's certificate, in its files", {}],
    ["the client's certificate, in its files, read by a child", { isSmall: true }],
  ])('%s', async (_, options) => {
    const [first, second] = [await createServerCertificate(), await createServerCertificate()];
    const asking = await startBareServer(true);
    const user = {
      'client-certificate': await world.file('client.crt', first.certificate),
      'client-key': await world.file('client.key', first.key),
    };
    const transport = await world.connectAs(user, {}, options, asking);
    await get(transport);

    await writeFile(user['client-certificate'], second.certificate);
    await writeFile(user['client-key'], second.key);
    asking.answer = ({ certificate }, response) => {
      if (certificate !== fingerprintOf(new X509Certificate(second.certificate))) response.statusCode = 401;
      response.end('{}');
    };
    await expect(get(transport)).rejects.toMatchObject({ code: 'cluster-unauthorized' });
    await get(transport);

    expect(asking.seen.map(({ certificate }) => certificate)).toEqual(
      [first, first, second].map((pems) => fingerprintOf(new X509Certificate(pems.certificate))),
    );
    await asking.close();
  });
});

test('an unencrypted server is refused unless the kubeconfig says that it is meant', async () => {
  await expect(world.connectAs({ token: 'a' }, { server: 'http://127.0.0.1:1' })).rejects.toMatchObject({
    code: 'no-kubeconfig',
    message: expect.stringContaining('not encrypted'),
  });
});
