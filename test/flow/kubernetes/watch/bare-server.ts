import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { connect as connectSocket, createServer as createSocketServer } from 'node:net';
import type { AddressInfo, Server as SocketServer, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { createServerCertificate } from '../../../../sandbox/kubernetes/server/server-certificate.ts';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly headers: IncomingMessage['headers'];
  /** Which connection it came on, from 1. */
  readonly connection: number;
  /** Of the client's certificate. */
  readonly certificate: string | undefined;
}

export interface BareServer {
  readonly url: string;
  /** PEM of what it shows now. */
  readonly certificate: () => string;
  readonly seen: SeenRequest[];
  /** Answers in place of the server's `{}`. */
  answer: (request: SeenRequest, response: ServerResponse) => void;
  /** From now on new connections see another certificate; idle ones are closed. */
  readonly rotate: () => Promise<void>;
  readonly closeIdle: () => void;
  readonly close: () => Promise<void>;
}

/**
 * An HTTPS server that tells what it was sent, by whom and on which connection.
 * @param asksWhoComes clients show a certificate, whichever
 */
export async function startBareServer(asksWhoComes = false): Promise<BareServer> {
  let pems = await createServerCertificate();
  const context = () => ({ key: pems.key, cert: pems.certificate });
  const server = createServer({
    ...context(),
    requestCert: asksWhoComes,
    rejectUnauthorized: false,
  });
  const numbers = new WeakMap<Socket, number>();
  let connections = 0;
  const bare: BareServer = {
    url: '',
    certificate: () => pems.certificate,
    seen: [],
    answer: (_, response) => void response.end('{}'),
    rotate: async () => {
      pems = await createServerCertificate();
      server.setSecureContext(context());
      server.closeIdleConnections();
    },
    closeIdle: () => server.closeIdleConnections(),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  server.on('secureConnection', (socket) => numbers.set(socket, (connections += 1)));
  server.on('request', (request, response) => {
    const { raw } = (request.socket as TLSSocket).getPeerCertificate();
    const one: SeenRequest = {
      method: request.method ?? '',
      path: request.url ?? '',
      authorization: request.headers.authorization,
      headers: request.headers,
      connection: numbers.get(request.socket) ?? 0,
      certificate: raw === undefined ? undefined : fingerprintOf(new X509Certificate(raw)),
    };
    bare.seen.push(one);
    request.resume();
    request.on('end', () => bare.answer(one, response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(bare, { url: `https://127.0.0.1:${portOf(server)}` });
}

export function fingerprintOf(certificate: X509Certificate): string {
  return createHash('sha256').update(certificate.raw).digest('hex');
}

export interface BareProxy {
  readonly port: number;
  /** What it was asked to lead to, with the password that was given. */
  readonly asked: { readonly target: string; readonly password: string | undefined }[];
  /** Refuses from now on. */
  refuses: boolean;
  readonly close: () => Promise<void>;
}

/**
 * A proxy that leads through (CONNECT).
 * @param pems with these it is itself reached by TLS
 */
export async function startBareProxy(pems?: {
  readonly key: string;
  readonly certificate: string;
}): Promise<BareProxy> {
  const sockets = new Set<Socket>();
  const serve = (client: Socket): void => {
    sockets.add(client);
    client.once('data', (head: Buffer) => {
      const [, target = ''] = /^CONNECT (\S+) /.exec(head.toString('latin1')) ?? [];
      const [, encoded] = /proxy-authorization: basic (\S+)/i.exec(head.toString('latin1')) ?? [];
      const password = encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
      proxy.asked.push({ target, password });
      if (proxy.refuses) return void client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      const [host = '', port] = target.split(':');
      const upstream = connectSocket(Number(port), host, () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        client.pipe(upstream).pipe(client);
      });
      sockets.add(upstream);
      upstream.on('error', () => client.destroy());
    });
    client.on('error', () => client.destroy());
  };
  const server =
    pems === undefined
      ? createSocketServer(serve)
      : createTlsServer({ key: pems.key, cert: pems.certificate }, serve).on('tlsClientError', (_, socket) =>
          socket.destroy(),
        );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = bareProxy(server, sockets);
  return proxy;
}

function bareProxy(server: SocketServer, sockets: ReadonlySet<Socket>): BareProxy {
  return {
    port: portOf(server),
    asked: [],
    refuses: false,
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

/** A proxy that speaks SOCKS 5 (RFC 1928, passwords by RFC 1929), addresses and names. */
export async function startSocksProxy(): Promise<BareProxy> {
  const sockets = new Set<Socket>();
  const server = createSocketServer((client) => {
    sockets.add(client);
    client.on('error', () => client.destroy());
    void lead(client).catch(() => client.destroy());
  });
  async function lead(client: Socket): Promise<void> {
    const [, ...methods] = (await chunkOf(client)).subarray(1);
    const wantsPassword = methods.includes(2);
    client.write(Buffer.from([5, wantsPassword ? 2 : 0]));
    let password: string | undefined;
    if (wantsPassword) {
      const login = await chunkOf(client);
      const end = 2 + (login[1] ?? 0);
      password = `${login.toString('utf8', 2, end)}:${login.toString('utf8', end + 1)}`;
      client.write(Buffer.from([1, 0]));
    }
    const asked = await chunkOf(client);
    const isName = asked[3] === 3;
    const host = isName ? asked.toString('utf8', 5, 5 + (asked[4] ?? 0)) : asked.subarray(4, 8).join('.');
    const port = asked.readUInt16BE(asked.length - 2);
    proxy.asked.push({ target: `${host}:${port}`, password });
    const reply = (code: number): boolean => client.write(Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0]));
    if (proxy.refuses) {
      reply(2);
      return;
    }
    const upstream = connectSocket(port, host, () => {
      reply(0);
      client.pipe(upstream).pipe(client);
    });
    sockets.add(upstream);
    upstream.on('error', () => client.destroy());
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = bareProxy(server, sockets);
  return proxy;
}

async function chunkOf(socket: Socket): Promise<Buffer> {
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk;
}

function portOf(server: { address: () => AddressInfo | string | null }): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it does not listen on a port');
  return address.port;
}
