import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { serverBounds } from '../../../../src/app/bounded-server.ts';
import { type Hook, startHooksServer } from '../../../../src/app/hooks/hooks-server.ts';

/** A server whose one hook answers with the body; ten bytes are the most that one may have. */
async function start(hooks: readonly Hook[] = [echo]): Promise<{ readonly url: string; readonly port: number }> {
  const server = await startHooksServer('127.0.0.1', 0, hooks, { bounds: { ...serverBounds, bodyBytes: 10 } });
  onTestFinished(server.close);
  return { url: `http://127.0.0.1:${server.port}`, port: server.port };
}

const echo: Hook = {
  path: '/echo',
  unsigned: () => null,
  answer: async ({ body }) => ({ status: 200, body }),
};

test('a hook gets what is posted to its path, whatever the query says', async () => {
  const { url } = await start();

  const answer = await fetch(`${url}/echo?x=1`, { method: 'POST', body: 'hällo' });

  expect([answer.status, await answer.text()]).toEqual([200, 'hällo']);
});

test.each([
  ['GET', '/echo', 405],
  ['PUT', '/echo', 405],
  ['GET', '/', 404],
  ['POST', '/echo/more', 404],
  ['POST', '//echo', 404],
])('%s %s is answered with %i', async (method, path, status) => {
  const { url } = await start();

  expect((await fetch(`${url}${path}`, { method })).status).toBe(status);
});

test('whoever sends too much is told so, even who has not read yet', async () => {
  const { url } = await start();

  const [byOne, byMany] = await Promise.all([
    fetch(`${url}/echo`, { method: 'POST', body: 'x'.repeat(11) }),
    fetch(`${url}/echo`, { method: 'POST', body: Buffer.alloc(30 * 2 ** 20) }),
  ]);

  expect([byOne.status, byMany.status]).toEqual([413, 413]);
});

test('whoever goes away in the middle harms nobody', async () => {
  const { url, port } = await start();
  const socket = connect(port, '127.0.0.1');
  await new Promise<void>((resolve) => {
    socket.write('POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nab', () => resolve());
  });
  socket.destroy();

  expect((await fetch(`${url}/echo`, { method: 'POST', body: 'still' })).status).toBe(200);
});

test('a port that is taken is named with its variable', async () => {
  const { port } = await start();

  await expect(startHooksServer('127.0.0.1', port, [])).rejects.toMatchObject({
    code: 'port-taken',
    message: expect.stringContaining('OOMKEEPER_HTTP_PORT'),
  });
});
