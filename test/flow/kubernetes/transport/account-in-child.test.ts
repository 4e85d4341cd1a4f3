import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect, promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { loadAccountInChild } from '../../../../src/adapters/kubernetes/transport/account-in-child.ts';
import { connect } from '../../../../src/adapters/kubernetes/transport/connect.ts';
import { get, openConnectWorld } from '../watch/connect-world.ts';
import type { ConnectWorld } from '../watch/connect-world.ts';

/* A process that is to stay small has its account from a child: what it does with it is the same. */

const fixed = JSON.stringify({
  'current-context': 'c',
  clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
  contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  users: [{ name: 'u', user: { token: 'fixed' } }],
});

let world: ConnectWorld;
beforeAll(async () => {
  world = await openConnectWorld();
});
afterAll(() => world.close());
beforeEach(() => world.reset());

test('a token whose file is not there yet', async () => {
  const transport = await world.connectAs({ tokenFile: 'late' }, {}, { isSmall: true });

  await expect(get(transport)).rejects.toMatchObject({
    code: 'cluster-credentials',
    message: expect.stringMatching(/^The credentials for the API server cannot be read: ENOENT/),
  });
  await world.file('late', 'here');
  await get(transport);

  expect(world.server.seen).toMatchObject([{ authorization: 'Bearer here' }]);
});

test('a plugin, which is run by the process itself, since what it gives expires', async () => {
  const { command, runs } = await world.plugin('plugin', { token: 'from-plugin' });

  const transport = await world.connectAs({ exec: { command } }, {}, { isSmall: true });
  await get(transport);
  await get(transport);

  expect(world.server.seen.map(({ authorization }) => authorization)).toEqual(Array(2).fill('Bearer from-plugin'));
  expect(await runs()).toBe(1);
});

test('no kubeconfig is the same sentence', async () => {
  const kubeconfig = join(world.folder, 'nowhere');

  await expect(connect({ kubeconfig, isSmall: true })).rejects.toMatchObject({
    code: 'no-kubeconfig',
    message: `There is no kubeconfig at ${kubeconfig}; set KUBECONFIG to one that exists.`,
  });
});

test.each([true, false])(
  'a kubeconfig that may not be read is none, in a sentence (in a child: %s)',
  async (isSmall) => {
    // A folder, because no file keeps the tests of a root user from reading it.
    await expect(connect({ kubeconfig: world.folder, isSmall })).rejects.toMatchObject({
      code: 'no-kubeconfig',
      message: expect.stringMatching(/^The kubeconfig .* cannot be read: EISDIR/),
    });
  },
);

test('credentials are in no error of a child that failed', async () => {
  // So long an answer is not taken.
  const tokenFile = await world.file('long', `very-secret${'a'.repeat(2 ** 20)}`);

  const failure: unknown = await world.connectAs({ tokenFile }, {}, { isSmall: true }).catch((error: unknown) => error);

  expect(failure).toMatchObject({ code: 'cluster-credentials' });
  expect(inspect(failure, { depth: Infinity, maxStringLength: Infinity })).not.toContain('very-secret');
});

test('a child that a pause of the machine kept from answering is asked for again', async () => {
  const path = await world.file('config', fixed);

  const others = childrenOf(process.pid);

  const loaded = loadAccountInChild(path, '', 3_000);
  for (const pid of childrenOf(process.pid)) if (!others.includes(pid)) process.kill(pid, 'SIGSTOP');

  expect(await loaded).toMatchObject({ server: 'https://127.0.0.1:1' });
});

test('what the watcher loads is not the library', async () => {
  const watcher = new URL('../../../../src/app/watcher.ts', import.meta.url).href;
  const lists = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ resolve: (name, context, next) => (loaded.push(name), next(name, context)) });
    await import('${watcher}');
    console.log(loaded.join('\\n'));`;

  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', lists]);

  const loaded = stdout.split('\n');
  expect(loaded).toContain('ioredis');
  expect(loaded.filter((name) => name.includes('client-node'))).toEqual([]);
});

function childrenOf(pid: number): readonly number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.trim().split(' ').filter(Boolean).map(Number);
}
