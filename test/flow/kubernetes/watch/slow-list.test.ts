import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { kubeconfigText } from '../../../../sandbox/kubernetes/server/server-certificate.ts';
import { connect } from '../../../../src/adapters/kubernetes/transport/connect.ts';
import { openWatch } from '../../../../src/adapters/kubernetes/watch/watch-stream.ts';
import { startBareServer } from './bare-server.ts';

test('a streaming list may take longer than a watch lives, as long as it says something', async () => {
  // Sockets go on by themselves; only what is waited for is turned by hand, so that a busy machine changes nothing.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const server = await startBareServer();
  const folder = await mkdtemp(join(tmpdir(), 'oomkeeper-'));
  onTestFinished(async () => {
    vi.useRealTimers();
    await server.close();
    await rm(folder, { recursive: true });
  });
  await writeFile(join(folder, 'config'), kubeconfigText(server.url, server.certificate(), 'abc'));
  const transport = await connect({ kubeconfig: join(folder, 'config') });
  const responses: ServerResponse[] = [];
  server.answer = (_, response) => {
    response.flushHeaders();
    responses.push(response);
  };
  const open = async (version: string | null) => {
    const pace = { watchSeconds: 25, halfOpenMs: 29_000 };
    const watch = await openWatch(transport, '/api/v1/pods', version, pace, new AbortController().signal);
    let text = '';
    const outcome = watch.read((chunk) => {
      text += String(chunk);
      return null;
    });
    return { lines: () => text.split('\n').length - 1, outcome: outcome.finally(watch.close) };
  };

  const [list, watch] = await Promise.all([open(null), open('7')]);
  for (let line = 1; line <= 8; line += 1) {
    for (const response of responses) response.write(`{"line":${line}}\n`);
    while (list.lines() < line) await nextTurn();
    await vi.advanceTimersByTimeAsync(20_000);
  }
  const linesOfWatch = watch.lines();
  await vi.advanceTimersByTimeAsync(29_000);

  expect({ lines: list.lines(), outcome: await list.outcome }).toEqual({ lines: 8, outcome: 'half-open' });
  expect(linesOfWatch).toBeLessThan(8);
  expect(await watch.outcome).toBe('half-open');
});
