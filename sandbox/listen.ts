import type { Server } from 'node:net';

/** Listens on 127.0.0.1; port 0 takes any free one. Resolves with the port, rejects with `EADDRINUSE` and the like. */
export async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
