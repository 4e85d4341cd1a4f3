import { expect, test } from 'vitest';
import { createExecPlugin } from '../../../../../src/adapters/kubernetes/transport/exec-plugin.ts';

const environment = { PATH: '/usr/bin:/bin' };
const cluster = { server: 'https://a' };
const shell = (script: string) => ({ command: '/bin/sh', args: ['-c', script] });
const untilHour = `printf '{"status":{"token":"%s","expirationTimestamp":"2026-11-26T01:00:00Z"}}' "$$"`;

test('what a plugin gave is kept until it expires, and asked for anew after that', async () => {
  let time = Date.parse('2026-11-26T00:00:00Z');
  const plugin = createExecPlugin(environment, () => time);
  const token = async (): Promise<string | undefined> => (await plugin.status(cluster, shell(untilHour))).token;

  const first = await token();
  time = Date.parse('2026-11-26T00:59:59Z');
  const before = await token();
  time = Date.parse('2026-11-26T01:00:00Z');
  const after = await token();

  expect(before).toBe(first);
  expect(after).not.toBe(first);
});

test('a plugin that never ends is ended, with what it has started, and that is a sentence', async () => {
  const plugin = createExecPlugin(environment, Date.now, 200);

  const asking = plugin.status(cluster, shell('echo "open https://login.example" >&2; sleep 60 & wait'));

  await expect(asking).rejects.toMatchObject({
    code: 'cluster-credentials',
    message: expect.stringMatching(/gave nothing within 0\.2 s: open https:\/\/login\.example/),
  });
});
