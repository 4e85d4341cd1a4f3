import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { kubeconfigText } from '../../../../sandbox/kubernetes/server/server-certificate.ts';
import { connect } from '../../../../src/adapters/kubernetes/transport/connect.ts';
import { openWatch } from '../../../../src/adapters/kubernetes/watch/watch-stream.ts';
import { startBareServer } from './bare-server.ts';

test('a streaming list may take longer than a watch lives, as long as it says something', async () => {
  const server = await startBareServer();
  const folder = await mkdtemp(join(tmpdir(), 'oomkeeper-'));
  onTestFinished(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });
  await writeFile(join(folder, 'config'), kubeconfigText(server.url, server.certificate(), 'abc'));
  const transport = await connect({ kubeconfig: join(folder, 'config') });
  const say = async (response: ServerResponse): Promise<void> => {
    for (let line = 0; line < 8; line += 1) {
      response.write(`{"line":${line}}\n`);
      await sleep(100);
    }
  };
  server.answer = (_, response) => void say(response);
  const read = async (version: string | null) => {
    const pace = { watchSeconds: 1, halfOpenMs: 400 };
    const watch = await openWatch(transport, '/api/v1/pods', version, pace, new AbortController().signal);
    let text = '';
    const outcome = await watch.read((chunk) => {
      text += String(chunk);
      return null;
    });
    watch.close();
    return { lines: text.split('\n').length - 1, outcome };
  };

  const [list, watch] = await Promise.all([read(null), read('7')]);

  expect(list).toEqual({ lines: 8, outcome: 'half-open' });
  expect(watch.lines).toBeLessThan(8);
  expect(watch.outcome).toBe('half-open');
});
