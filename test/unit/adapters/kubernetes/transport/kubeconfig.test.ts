import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { loadKubeconfig } from '../../../../../src/adapters/kubernetes/transport/kubeconfig.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oomkeeper-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function write(name: string, content: object | string): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const contexts = [{ name: 'a', context: { cluster: 'a', user: 'a' } }];
const ofUser = (user: object, cluster: object = {}): object => ({
  'current-context': 'a',
  contexts,
  clusters: [{ name: 'a', cluster: { server: 'https://a', ...cluster } }],
  users: [{ name: 'a', user }],
});
const data = (pem: string): string => Buffer.from(pem).toString('base64');

describe('a kubeconfig', () => {
  test('of several files is joined: what comes first wins, and paths belong to the file that names them', async () => {
    const first = await write('one/config', { 'current-context': 'a', contexts, users: [{ name: 'b', user: {} }] });
    const second = await write('two/config', {
      ...ofUser({ tokenFile: 'token' }, { 'certificate-authority': 'ca.crt' }),
      'current-context': 'b',
    });
    const third = await write('three/config', ofUser({ token: 'never' }, { server: 'https://never' }));
    await write('two/token', 'of-two\n');
    await write('two/ca.crt', 'CA');

    const account = await loadKubeconfig([first, second, third].join(delimiter));

    expect(account).toMatchObject({ server: 'https://a', proxyUrl: null, isFixed: true });
    expect(account.files).toEqual([first, second, third, join(folder, 'two/ca.crt'), join(folder, 'two/token')]);
    expect(await account.credentials()).toEqual({ tls: { ca: 'CA' }, headers: { authorization: 'Bearer of-two' } });
  });

  test('may hold what it names a file for as well: then the file is not read', async () => {
    const path = await write(
      'data',
      ofUser(
        {
          'client-certificate': '/nowhere',
          'client-certificate-data': data('CERT'),
          'client-key': '/nowhere',
          'client-key-data': data('KEY'),
        },
        { 'certificate-authority': '/nowhere', 'certificate-authority-data': data('CA'), 'tls-server-name': 'b' },
      ),
    );

    const { files, credentials } = await loadKubeconfig(path);

    expect(await credentials()).toEqual({ tls: { ca: 'CA', cert: 'CERT', key: 'KEY', servername: 'b' }, headers: {} });
    expect(files).toEqual([path]);
  });

  test("without a user still knows the cluster's authority", async () => {
    const cluster = { server: 'https://a', 'certificate-authority-data': data('CA'), 'insecure-skip-tls-verify': true };
    const path = await write('nobody', {
      'current-context': 'a',
      contexts: [{ name: 'a', context: { cluster: 'a' } }],
      clusters: [{ name: 'a', cluster }],
    });

    const { credentials } = await loadKubeconfig(path);

    expect(await credentials()).toEqual({ tls: { ca: 'CA', rejectUnauthorized: false }, headers: {} });
  });

  test('that names a token and a file with one means the file', async () => {
    const path = await write('both', ofUser({ token: 'a', tokenFile: await write('token', 'b') }));

    const { credentials } = await loadKubeconfig(path);

    expect((await credentials()).headers).toEqual({ authorization: 'Bearer b' });
  });

  test.each([
    ['is not there', null, /^There is no kubeconfig at .*; set KUBECONFIG/],
    ['is empty', '', /cannot be read: it is empty/],
    ['is no YAML', 'a: [', /^The kubeconfig .* cannot be read: [^\n]+$/],
    ['names a cluster without a server', ofUser({}, { server: undefined }), /cannot be read: .*server/],
    ['names no context', { ...ofUser({}), 'current-context': 'b' }, /names no current cluster/],
  ])('that %s is a sentence', async (name, content, words) => {
    const path = content === null ? join(folder, 'nowhere') : await write(name, content);

    await expect(loadKubeconfig(path)).rejects.toMatchObject({
      code: 'no-kubeconfig',
      message: expect.stringMatching(words),
    });
  });
});

describe('a plugin', () => {
  const shell = (script: string): object =>
    ofUser({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command: '/bin/sh', args: ['-c', script] } });

  test('is asked for anew when what it gave has expired, and not before', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-26T00:00:00Z') });
    onTestFinished(() => void vi.useRealTimers());
    const untilOne = `printf '{"status":{"token":"%s","expirationTimestamp":"2026-11-26T01:00:00Z"}}' "$$"`;
    const { isFixed, credentials } = await loadKubeconfig(await write('expires', shell(untilOne)));

    const first = await credentials();
    vi.setSystemTime('2026-11-26T00:59:59Z');
    const before = await credentials();
    vi.setSystemTime('2026-11-26T01:00:00Z');
    const after = await credentials();

    expect(isFixed).toBe(false);
    expect(before).toEqual(first);
    expect(after).not.toEqual(first);
  });

  test('that never ends is ended, with what it has started, and that is a sentence', async () => {
    const script = 'echo "open https://login.example" >&2; sleep 60 & wait';
    const { credentials } = await loadKubeconfig(await write('waits', shell(script)), '', 200);

    await expect(credentials()).rejects.toMatchObject({
      code: 'cluster-credentials',
      message: expect.stringMatching(/gave nothing within 0\.2 s: open https:\/\/login\.example/),
    });
  });
});
