import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startTcpProxy } from '../../faults/tcp-proxy.ts';
import { eventually } from '../../eventually.ts';

test('what is late stays in its order, also where the time of the first has come and nobody has looked', async () => {
  let got = '';
  const server = createServer((socket) => socket.on('data', (piece) => (got += String(piece)))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const proxy = await startTcpProxy(`http://127.0.0.1:${port}`);
  const client = connect(Number(new URL(proxy.url).port), '127.0.0.1');
  onTestFinished(async () => {
    client.destroy();
    await proxy.close();
    server.close();
  });
  await once(client, 'connect');

  proxy.slow(30);
  client.write('a');
  await eventually(() => expect(proxy.delayed()).toBe(1));
  proxy.slow(0);
  proxy.intercept(() => {
    const over = performance.now() + 60;
    while (performance.now() < over);
    return 'pass';
  });
  client.write('b');

  await eventually(() => expect(got).toHaveLength(2));
  expect(got).toBe('ab');
});
