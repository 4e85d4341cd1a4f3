import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../../../../src/adapters/kubernetes/transport/connect.ts';
import type { ConnectOptions } from '../../../../src/adapters/kubernetes/transport/connect.ts';
import type { Transport } from '../../../../src/adapters/kubernetes/transport/transport.ts';
import { startBareServer } from './bare-server.ts';
import type { BareServer } from './bare-server.ts';

export interface Plugin {
  readonly command: string;
  readonly runs: () => Promise<number>;
}

/** A server that tells who came, and a folder for the kubeconfigs that lead to it. */
export interface ConnectWorld {
  readonly folder: string;
  readonly server: BareServer;
  /** A file below the folder; its path. */
  readonly file: (name: string, content: string) => Promise<string>;
  /** Connects with a kubeconfig of this user, and of this cluster beside server and CA. */
  readonly connectAs: (
    user: object,
    cluster?: object,
    options?: Partial<ConnectOptions>,
    to?: BareServer,
  ) => Promise<Transport>;
  /** A plugin that gives what stands in a file and counts its runs in another. */
  readonly plugin: (name: string, status: object) => Promise<Plugin>;
  /** The server has seen nobody, and answers as it did at first. */
  readonly reset: () => void;
  readonly close: () => Promise<void>;
}

export async function openConnectWorld(): Promise<ConnectWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'oomkeeper-'));
  const server = await startBareServer();
  const { answer } = server;
  let kubeconfigs = 0;

  const file = async (name: string, content: string): Promise<string> => {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  };

  const connectAs: ConnectWorld['connectAs'] = async (user, cluster = {}, options = {}, to = server) => {
    const path = await file(
      `config-${(kubeconfigs += 1)}`,
      JSON.stringify({
        'current-context': 'a',
        contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
        clusters: [
          {
            name: 'a',
            cluster: {
              server: to.url,
              'certificate-authority-data': Buffer.from(to.certificate()).toString('base64'),
              ...cluster,
            },
          },
        ],
        users: [{ name: 'a', user }],
      }),
    );
    return connect({ kubeconfig: path, ...options });
  };

  const plugin: ConnectWorld['plugin'] = async (name, status) => {
    await file(`${name}.status`, JSON.stringify(status));
    const counted = await file(`${name}.runs`, '');
    const command = await file(
      name,
      `#!/bin/sh\necho "$KUBERNETES_EXEC_INFO" >> '${counted}'\nprintf '{"kind":"ExecCredential","status":%s}' "$(cat '${join(folder, name)}.status')"\n`,
    );
    await chmod(command, 0o700);
    const lines = async () => (await readFile(counted, 'utf8')).split('\n').filter(Boolean);
    return { command, runs: async () => (await lines()).length };
  };

  return {
    folder,
    server,
    file,
    connectAs,
    plugin,
    reset: () => {
      server.seen.length = 0;
      server.answer = answer;
    },
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}

export const get = (transport: Transport, path = '/version'): Promise<unknown> =>
  transport.json({ path, deadlineMs: 60_000 });
