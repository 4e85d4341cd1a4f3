import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { contentsOf, createCredentialSource } from '../../../../../src/adapters/kubernetes/transport/credentials.ts';
import type { Account, Credentials } from '../../../../../src/adapters/kubernetes/transport/credentials.ts';
import { loadKubeconfig } from '../../../../../src/adapters/kubernetes/transport/kubeconfig.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oomkeeper-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('files are read again after ten seconds, and a file that is gone for a moment changes nothing', async () => {
  const [tokenFile, ca, kubeconfig] = [join(folder, 'token'), join(folder, 'ca.crt'), join(folder, 'config')];
  const write = (token: string, authority: string) =>
    Promise.all([writeFile(tokenFile, token), writeFile(ca, authority)]);
  await write('one', 'A');
  await writeFile(
    kubeconfig,
    JSON.stringify({
      'current-context': 'a',
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
      clusters: [{ name: 'a', cluster: { server: 'https://a', 'certificate-authority': ca } }],
      users: [{ name: 'a', user: { tokenFile } }],
    }),
  );
  let time = 0;
  const load = () => loadKubeconfig(kubeconfig);
  const source = createCredentialSource(await load(), load, () => time);
  const seen: unknown[] = [];
  const look = async (at: number): Promise<void> => {
    time = at;
    const { tls, headers } = await source.current();
    seen.push([at, tls.ca, headers['authorization']]);
  };

  await look(0);
  await write('two', 'B');
  await look(9_999);
  await look(10_000);
  await rm(tokenFile);
  await look(20_000);
  await write('three', 'C');
  await look(30_000);

  expect(seen).toEqual([
    [0, 'A', 'Bearer one'],
    [9_999, 'A', 'Bearer one'],
    [10_000, 'B', 'Bearer two'],
    [20_000, 'B', 'Bearer two'],
    [30_000, 'C', 'Bearer three'],
  ]);
});

/** The token in this file, for as long as the file stays the same. */
async function accountOf(tokenFile: string): Promise<Account> {
  const credentials = { tls: {}, headers: { authorization: await readFile(tokenFile, 'utf8') } };
  return {
    server: 'https://a',
    proxyUrl: null,
    files: [tokenFile],
    contents: await contentsOf([tokenFile]),
    isFixed: true,
    credentials: () => Promise.resolve(credentials),
  };
}

/** Credentials from a file that stays the same, and how often they were loaded since. */
async function countedSource(name: string) {
  const tokenFile = join(folder, name);
  await writeFile(tokenFile, 'same');
  let count = 0;
  const load = (): Promise<Account> => {
    count += 1;
    return accountOf(tokenFile);
  };
  return { source: createCredentialSource(await accountOf(tokenFile), load, () => 0), loads: () => count };
}

test('a file that changes after some refusals counts at once', async () => {
  const tokenFile = join(folder, 'refused');
  await writeFile(tokenFile, 'old');
  const load = () => accountOf(tokenFile);
  const source = createCredentialSource(await load(), load, () => 0);

  for (let refusals = 0; refusals < 3; refusals += 1) source.renew(await source.current(), 'refused');
  await writeFile(tokenFile, 'new');
  const still = await source.current();
  source.renew(still, 'refused');

  expect((await source.current()).headers).toEqual({ authorization: 'new' });
});

test('what is refused after a server was away is loaded again at once', async () => {
  const { source, loads } = await countedSource('revoked');

  source.renew(await source.current(), 'unreachable');
  source.renew(await source.current(), 'refused');
  await source.current();

  expect(loads()).toBe(2);
});

test('a request that fails late, with credentials that are being renewed, has them loaded no second time', async () => {
  const { source, loads } = await countedSource('late');

  const used = await source.current();
  source.renew(used, 'unreachable');
  const first = source.current();
  source.renew(used, 'unreachable');
  await Promise.all([first, source.current()]);

  expect(loads()).toBe(1);
});

test('what was refused is not used again, though nothing else can be had', async () => {
  const tokenFile = join(folder, 'logged-out');
  await writeFile(tokenFile, 'old');
  const load = () => Promise.reject(new Error('log in first'));
  const source = createCredentialSource(await accountOf(tokenFile), load);

  source.renew(await source.current(), 'refused');

  await expect(source.current()).rejects.toMatchObject({
    code: 'cluster-credentials',
    message: expect.stringContaining('log in first'),
  });
});

test('however many requests fail with the same credentials, and for how long, they are loaded once a minute', async () => {
  const tokenFile = join(folder, 'unreachable');
  await writeFile(tokenFile, 'same');
  let time = 0;
  const loadedAt: number[] = [];
  const load = (): Promise<Account> => {
    loadedAt.push(time);
    return accountOf(tokenFile);
  };
  const source = createCredentialSource(await accountOf(tokenFile), load, () => time);

  for (; time < 180_000; time += 5_000) {
    const used: readonly Credentials[] = await Promise.all([source.current(), source.current()]);
    for (const one of used) source.renew(one, 'unreachable');
  }

  expect(loadedAt).toEqual([5_000, 65_000, 125_000]);
});

test('credentials that take long to load again hold nobody up: the former ones are used meanwhile', async () => {
  const tokenFile = join(folder, 'slow');
  await writeFile(tokenFile, 'old');
  const { promise: loaded, resolve: finish } = Promise.withResolvers<Account>();
  let time = 0;
  let loads = 0;
  const load = (): Promise<Account> => {
    loads += 1;
    return loaded;
  };
  const source = createCredentialSource(await accountOf(tokenFile), load, () => time);
  const bearer = async (): Promise<unknown> => (await source.current()).headers['authorization'];

  source.renew(await source.current(), 'unreachable');
  const meanwhile = [await bearer()];
  time = 20_000;
  meanwhile.push(await bearer());
  await writeFile(tokenFile, 'new');
  finish(await accountOf(tokenFile));
  await loaded;

  expect(meanwhile).toEqual(['old', 'old']);
  expect(await bearer()).toBe('new');
  expect(loads).toBe(1);
});

test('after a refusal nothing is sent until other credentials are loaded, however long that takes', async () => {
  const tokenFile = join(folder, 'refused-slowly');
  await writeFile(tokenFile, 'old');
  const { promise: loaded, resolve: finish } = Promise.withResolvers<Account>();
  const source = createCredentialSource(await accountOf(tokenFile), () => loaded);

  source.renew(await source.current(), 'refused');
  const next = source.current();
  const first = await Promise.race([next, delay(600, 'nothing yet')]);
  await writeFile(tokenFile, 'new');
  finish(await accountOf(tokenFile));

  expect(first).toBe('nothing yet');
  expect((await next).headers).toEqual({ authorization: 'new' });
});
