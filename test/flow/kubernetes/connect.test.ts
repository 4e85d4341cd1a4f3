import { X509Certificate } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createServerCertificate } from '../../../sandbox/kubernetes/server-certificate.ts';
import { connect } from '../../../src/adapters/kubernetes/connect.ts';
import type { ConnectOptions } from '../../../src/adapters/kubernetes/connect.ts';
import type { Transport } from '../../../src/adapters/kubernetes/transport.ts';
import { fingerprintOf, startBareProxy, startBareServer, startSocksProxy } from './bare-server.ts';
import type { BareProxy, BareServer } from './bare-server.ts';

let folder: string;
let server: BareServer;
let proxy: BareProxy;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oomkeeper-'));
  server = await startBareServer();
  proxy = await startBareProxy();
});
afterAll(async () => {
  await server.close();
  await proxy.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  server.seen.length = 0;
  server.answer = (_, response) => void response.end('{}');
  proxy.asked.length = 0;
  proxy.refuses = false;
});

/** A file below the folder of this suite. */
async function file(name: string, content: string): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

let kubeconfigs = 0;

/** Connects with a kubeconfig of this user, and of this cluster beside server and CA. */
async function connectAs(
  user: object,
  cluster: object = {},
  options: Partial<ConnectOptions> = {},
  to: BareServer = server,
): Promise<Transport> {
  const path = await file(
    `config-${(kubeconfigs += 1)}`,
    JSON.stringify({
      'current-context': 'a',
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
      clusters: [
        {
          name: 'a',
          cluster: {
            server: to.url,
            'certificate-authority-data': Buffer.from(to.certificate()).toString('base64'),
            ...cluster,
          },
        },
      ],
      users: [{ name: 'a', user }],
    }),
  );
  return connect({ kubeconfig: path, environment: { PATH: '/usr/bin:/bin' }, ...options });
}

const get = (transport: Transport, path = '/version') => transport.json({ path, deadlineMs: 5_000 });

/** A plugin that gives what stands in a file and counts its runs in another. */
async function plugin(
  name: string,
  status: object,
): Promise<{ readonly command: string; readonly runs: () => Promise<number> }> {
  await file(`${name}.status`, JSON.stringify(status));
  const counted = await file(`${name}.runs`, '');
  const command = await file(
    name,
    `#!/bin/sh\necho "$KUBERNETES_EXEC_INFO" >> '${counted}'\nprintf '{"kind":"ExecCredential","status":%s}' "$(cat '${join(folder, name)}.status')"\n`,
  );
  await chmod(command, 0o700);
  const lines = async () => (await readFile(counted, 'utf8')).split('\n').filter(Boolean);
  return { command, runs: async () => (await lines()).length };
}

describe('who we are', () => {
  test.each<[string, object, object]>([
    ['a token', { token: 'abc' }, { authorization: 'Bearer abc' }],
    ['a password', { username: 'me', password: 'hunter2' }, { authorization: 'Basic bWU6aHVudGVyMg==' }],
    ['nobody', {}, { authorization: undefined }],
    [
      'somebody else',
      { token: 'abc', as: 'jane', 'as-groups': ['a', 'b'] },
      { headers: expect.objectContaining({ 'impersonate-user': 'jane', 'impersonate-group': 'a, b' }) },
    ],
  ])('%s', async (_, user, expected) => {
    await get(await connectAs(user));

    expect(server.seen).toMatchObject([expected]);
  });

  test('a file with a token, named relative to the kubeconfig and with a line end', async () => {
    await file('token-1', 'from-file\n');

    await get(await connectAs({ tokenFile: 'token-1' }));

    expect(server.seen).toMatchObject([{ authorization: 'Bearer from-file' }]);
  });

  test('a plugin, run once for many calls', async () => {
    const { command, runs } = await plugin('plugin-token', { token: 'from-plugin' });
    const transport = await connectAs({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command } });

    await Promise.all(Array.from({ length: 5 }, () => get(transport)));

    expect(new Set(server.seen.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer from-plugin']));
    expect(await runs()).toBe(1);
    expect(JSON.parse(await readFile(join(folder, 'plugin-token.runs'), 'utf8'))).toEqual({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      spec: { interactive: false },
    });
  });

  test('a plugin that fails is a sentence, and its next try counts', async () => {
    const path = await file('plugin-late', '#!/bin/sh\necho "log in first" >&2\nexit 1\n');
    await chmod(path, 0o700);
    const transport = await connectAs({ exec: { command: './plugin-late' } });

    await expect(get(transport)).rejects.toMatchObject({
      code: 'cluster-credentials',
      retry: 'backoff',
      message: expect.stringMatching(/log in first/),
    });
    await file('plugin-late', `#!/bin/sh\necho '{"status":{"token":"late"}}'\n`);
    await get(transport);

    expect(server.seen).toMatchObject([{ authorization: 'Bearer late' }]);
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

    await expect(get(await connectAs({ exec: named }))).rejects.toMatchObject({
      code: 'cluster-credentials',
      retry: 'backoff',
      message: expect.stringContaining(words),
    });
    expect(server.seen).toEqual([]);
  });

  test('a plugin that asks for the cluster is told of it', async () => {
    const { command } = await plugin('plugin-curious', { token: 'a' });
    const proxyUrl = `http://127.0.0.1:${proxy.port}`;

    await get(await connectAs({ exec: { command, provideClusterInfo: true } }, { 'proxy-url': proxyUrl }));

    const told = JSON.parse(await readFile(join(folder, 'plugin-curious.runs'), 'utf8')) as { spec: object };
    expect(told.spec).toEqual({
      interactive: false,
      cluster: {
        server: server.url,
        'certificate-authority-data': Buffer.from(server.certificate()).toString('base64'),
        'proxy-url': proxyUrl,
      },
    });
  });

  test('an OIDC token that has not expired', async () => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const idToken = `${part({ alg: 'none' })}.${part({ exp: Math.floor(Date.now() / 1000) + 3600 })}.x`;

    await get(await connectAs({ 'auth-provider': { name: 'oidc', config: { 'id-token': idToken } } }));

    expect(server.seen).toMatchObject([{ authorization: `Bearer ${idToken}` }]);
  });

  test.each([
    ['an OIDC token that has expired', { name: 'oidc', config: { 'id-token': 'e30.eyJleHAiOjF9.x' } }],
    ['a provider that nobody knows', { name: 'openstack', config: {} }],
  ])('%s is a sentence, and nobody is asked without it', async (_, provider) => {
    await expect(get(await connectAs({ 'auth-provider': provider }))).rejects.toMatchObject({
      code: 'cluster-credentials',
      message: expect.stringContaining(`auth-provider ${provider.name} gives no token`),
    });
    expect(server.seen).toEqual([]);
  });

  test('the account of a pod, found without a kubeconfig', async () => {
    await file('token', 'of-the-pod');
    await file('ca.crt', server.certificate());
    const { hostname, port } = new URL(server.url);
    vi.stubEnv('HOME', folder);
    onTestFinished(() => void vi.unstubAllEnvs());

    const transport = await connect({ kubeconfig: '', serviceAccount: folder, inCluster: { host: hostname, port } });
    await get(transport);

    expect(server.seen).toMatchObject([{ authorization: 'Bearer of-the-pod' }]);
  });
});

describe('what is rotated is picked up', () => {
  const onlyToken = (token: string): void => {
    server.answer = ({ authorization }, response) => {
      if (authorization !== `Bearer ${token}`) response.statusCode = 401;
      response.end('{}');
    };
  };

  test('a token whose predecessor is refused', async () => {
    const path = await file('token-2', 'old');
    const transport = await connectAs({ tokenFile: path });
    await get(transport);

    await writeFile(path, 'new');
    onlyToken('new');
    await expect(get(transport)).rejects.toMatchObject({ code: 'cluster-unauthorized', retry: 'backoff' });
    await get(transport);

    expect(server.seen.at(-1)?.authorization).toBe('Bearer new');
  });

  test("a plugin's token that is refused before its time", async () => {
    const { command, runs } = await plugin('plugin-revoked', {
      token: 'old',
      expirationTimestamp: new Date(Date.now() + 3_600_000).toISOString(),
    });
    const transport = await connectAs({ exec: { command } });
    await get(transport);

    await file('plugin-revoked.status', JSON.stringify({ token: 'new' }));
    onlyToken('new');
    await expect(get(transport)).rejects.toMatchObject({ code: 'cluster-unauthorized' });
    await get(transport);

    expect(await runs()).toBe(2);
  });

  test("the server's certificate, by a file with the new authority", async () => {
    const rotating = await startBareServer();
    const ca = await file('ca-rotating', rotating.certificate());
    const transport = await connectAs(
      { token: 'a' },
      { 'certificate-authority-data': undefined, 'certificate-authority': ca },
      {},
      rotating,
    );
    await get(transport);

    await rotating.rotate();
    await expect(get(transport)).rejects.toMatchObject({ code: 'cluster-unreachable' });
    await writeFile(ca, rotating.certificate());
    await expect.poll(() => get(transport).catch(() => null)).toEqual({});

    await rotating.close();
  });

  test("the client's certificate, in its files", async () => {
    const [first, second] = [await createServerCertificate(), await createServerCertificate()];
    const asking = await startBareServer(true);
    const user = {
      'client-certificate': await file('client.crt', first.certificate),
      'client-key': await file('client.key', first.key),
    };
    const transport = await connectAs(user, {}, {}, asking);
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

describe('connections', () => {
  const connections = (): number[] => server.seen.map(({ connection }) => connection);

  test('are kept for reads; a watch and a write have their own', async () => {
    const transport = await connectAs({ token: 'a' });

    for (let at = 0; at < 4; at += 1) await get(transport);
    const watch = await transport.open({ path: '/watch', lasts: true });
    await transport.json({ method: 'PATCH', path: '/write', body: {} });
    await get(transport);
    watch.resume();

    const [first, ...others] = connections();
    expect(others.slice(0, 3)).toEqual([first, first, first]);
    expect(others.at(-1)).toBe(first);
    expect(new Set(connections()).size).toBe(3);
  });

  test('are few however many reads come at once, and all are answered', async () => {
    const transport = await connectAs({ token: 'a' });

    for (let burst = 0; burst < 3; burst += 1)
      await Promise.all(Array.from({ length: 60 }, async () => get(transport)));

    expect(connections()).toHaveLength(180);
    expect(new Set(connections()).size).toBeLessThanOrEqual(16);
  });

  test('that the other side closes when the next read comes are replaced, and nobody notices', async () => {
    const transport = await connectAs({ token: 'a' });
    await get(transport);

    const [kept] = connections();
    server.answer = ({ connection }, response) => {
      if (connection === kept) response.destroy();
      else response.end('{}');
    };
    await get(transport);

    expect(connections().slice(0, 2)).toEqual([kept, kept]);
    expect(connections()).toHaveLength(3);
  });

  test('a write whose connection breaks is sent once', async () => {
    const transport = await connectAs({ token: 'a' });
    await get(transport);
    server.answer = (_, response) => void response.destroy();

    await expect(transport.json({ method: 'PATCH', path: '/write', body: {} })).rejects.toMatchObject({
      code: 'cluster-unreachable',
    });

    expect(server.seen.filter(({ method }) => method === 'PATCH')).toHaveLength(1);
  });
});

describe('a proxy', () => {
  const target = (): string => new URL(server.url).host;

  test('that the kubeconfig names leads to the server, with its password', async () => {
    const url = `http://me:hunter2@127.0.0.1:${proxy.port}`;
    const transport = await connectAs({ token: 'a' }, { 'proxy-url': url });

    await get(transport);
    await get(transport);
    const watch = await transport.open({ path: '/watch', lasts: true });
    watch.resume();

    const through = { target: target(), password: 'me:hunter2' };
    expect(proxy.asked).toEqual([through, through]);
    expect(server.seen).toHaveLength(3);
  });

  test('of the environment too, but not for what is exempt', async () => {
    const httpsProxy = `http://127.0.0.1:${proxy.port}`;

    await get(await connectAs({}, {}, { proxy: { httpsProxy, noProxy: ['10.0.0.0/8'] } }));
    await get(await connectAs({}, {}, { proxy: { httpsProxy, noProxy: ['127.0.0.0/8'] } }));

    expect(proxy.asked).toEqual([{ target: target(), password: undefined }]);
    expect(server.seen).toHaveLength(2);
  });

  test('that is itself reached by TLS, with a certificate that this machine trusts', async () => {
    const pems = await createServerCertificate();
    const secure = await startBareProxy(pems);
    onTestFinished(secure.close);
    const url = `https://127.0.0.1:${secure.port}`;

    // The kubeconfig's authority is the API server's, not the proxy's.
    const untrusted = await get(await connectAs({ token: 'a' }, { 'proxy-url': url })).catch((error: unknown) => error);
    const trusted = getCACertificates('default');
    onTestFinished(() => setDefaultCACertificates(trusted));
    setDefaultCACertificates([...trusted, pems.certificate]);
    const transport = await connectAs({ token: 'a' }, { 'proxy-url': url });
    await get(transport);
    const watch = await transport.open({ path: '/watch', lasts: true });
    watch.resume();

    expect(untrusted).toMatchObject({
      code: 'cluster-unreachable',
      message: expect.stringMatching(new RegExp(`through the proxy ${url}: self-signed certificate`)),
    });
    expect(secure.asked.map((one) => one.target)).toEqual([target(), target()]);
    expect(server.seen.map(({ authorization }) => authorization)).toEqual(['Bearer a', 'Bearer a']);
  });

  test('that refuses is told of without its password', async () => {
    proxy.refuses = true;
    const transport = await connectAs({}, { 'proxy-url': `http://me:hunter2@127.0.0.1:${proxy.port}` });

    const failure = await get(transport).catch((error: unknown) => error);

    expect(failure).toMatchObject({ code: 'cluster-unreachable', message: expect.stringContaining('407') });
    expect(String(failure)).not.toContain('hunter2');
  });
});

describe('a proxy that speaks SOCKS', () => {
  const target = (): string => new URL(server.url).host;
  let socks: BareProxy;
  beforeEach(async () => {
    socks = await startSocksProxy();
    onTestFinished(socks.close);
  });

  test('leads to the server, reads on a kept connection, a watch on its own', async () => {
    const transport = await connectAs({ token: 'a' }, { 'proxy-url': `socks5://127.0.0.1:${socks.port}` });

    await get(transport);
    await get(transport);
    const watch = await transport.open({ path: '/watch', lasts: true });
    watch.resume();

    expect(socks.asked.map((one) => one.target)).toEqual([target(), target()]);
    expect(server.seen.map(({ connection }) => connection - (server.seen[0]?.connection ?? 0))).toEqual([0, 0, 1]);
  });

  test('is told the name and the password, and the server still has to prove who it is', async () => {
    const { port } = new URL(server.url);
    const url = `socks5h://me:hunter2@127.0.0.1:${socks.port}`;
    const stranger = await createServerCertificate();

    await get(await connectAs({}, { 'proxy-url': url, server: `https://localhost:${port}` }));
    const refused = await get(
      await connectAs(
        {},
        { 'proxy-url': url, 'certificate-authority-data': Buffer.from(stranger.certificate).toString('base64') },
      ),
    ).catch((error: unknown) => error);

    expect(socks.asked[0]).toEqual({ target: `localhost:${port}`, password: 'me:hunter2' });
    expect(refused).toMatchObject({ code: 'cluster-unreachable', message: expect.stringContaining('certificate') });
    expect(server.seen).toHaveLength(1);
  });

  test('and refuses is told of without its password', async () => {
    socks.refuses = true;
    const url = `socks5://me:hunter2@127.0.0.1:${socks.port}`;

    const failure = await get(await connectAs({}, { 'proxy-url': url })).catch((error: unknown) => error);

    expect(failure).toMatchObject({
      code: 'cluster-unreachable',
      message: expect.stringContaining(`through the proxy socks5://127.0.0.1:${socks.port}`),
    });
    expect(String(failure)).not.toContain('hunter2');
  });
});

test('an unencrypted server is refused unless the kubeconfig says that it is meant', async () => {
  await expect(connectAs({ token: 'a' }, { server: 'http://127.0.0.1:1' })).rejects.toMatchObject({
    code: 'no-kubeconfig',
    message: expect.stringContaining('not encrypted'),
  });
});
