import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCredentialSource } from '../../../../../src/adapters/kubernetes/transport/credentials.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oomkeeper-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('files are read again after ten seconds, and a file that is gone for a moment changes nothing', async () => {
  const tokenFile = join(folder, 'token');
  const ca = join(folder, 'ca.crt');
  const write = (token: string, authority: string) =>
    Promise.all([writeFile(tokenFile, token), writeFile(ca, authority)]);
  let time = 0;
  const source = createCredentialSource(
    () => Promise.resolve({ cluster: { server: 'https://a', 'certificate-authority': ca }, user: { tokenFile } }),
    {},
    () => time,
  );
  const seen: unknown[] = [];
  const look = async (at: number): Promise<void> => {
    time = at;
    const { tls, headers } = await source.current();
    seen.push([at, tls.ca, headers['authorization']]);
  };

  await write('one', 'A');
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
