import type { Server } from 'node:http';
import { Failure } from '../core/failure.ts';

export interface Listening {
  /** The one that was taken where any was wanted. */
  readonly port: number;
  /** Ends its connections too. */
  readonly close: () => Promise<void>;
}

/**
 * Listens where the configuration says; port 0 is any free one. `variable` is the one that names the port.
 * @throws Failure('port-taken')
 */
export async function listen(
  server: Server,
  { host, port, variable }: { readonly host: string; readonly port: number; readonly variable: string },
): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `Port ${port} of ${host} cannot be listened on: ${cause.message}. Give this process another ${variable}, or OOMKEEPER_OPS_HOST an address of this machine.`;
      reject(new Failure('port-taken', message, { cause }));
    });
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
