import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** What to do with a piece that one side wrote. NOTE: clients write the commands of one turn together, as one piece. */
export type Intercept = (from: 'client' | 'server', piece: Buffer) => 'pass' | 'drop';

/** The way of one process to Redis. */
export interface RedisProxy {
  readonly url: string;
  /** Connections end, and new ones end as soon as they stand. Returns how many ended now. */
  readonly shut: () => number;
  readonly open: () => void;
  /** Each piece is so many ms late from now on, either way, in order. */
  readonly slow: (ms: number) => void;
  /** Pieces that were late. */
  readonly delayed: () => number;
  readonly intercept: (intercept: Intercept | null) => void;
  readonly close: () => Promise<void>;
}

/** Listens on 127.0.0.1 and passes on to the server of `redisUrl`, to which it connects anew for each connection. */
export async function startRedisProxy(redisUrl: string): Promise<RedisProxy> {
  const target = new URL(redisUrl);
  const pairs = new Set<readonly [Socket, Socket]>();
  let isShut = false;
  let delayMs = 0;
  let delayed = 0;
  let intercept: Intercept | null = null;

  const pass = (from: 'client' | 'server', source: Socket, destination: Socket): void => {
    let freeAt = 0;
    source.on('data', (piece: Buffer) => {
      if (intercept?.(from, piece) === 'drop') return;
      const now = performance.now();
      freeAt = Math.max(freeAt, now + delayMs);
      if (freeAt <= now) {
        destination.write(piece);
        return;
      }
      delayed += 1;
      setTimeout(() => destination.write(piece), freeAt - now);
    });
  };

  const server = createServer({ noDelay: true }, (client) => {
    client.on('error', () => undefined);
    if (isShut) {
      client.destroy();
      return;
    }
    const upstream = connect({ port: Number(target.port), host: target.hostname, noDelay: true });
    upstream.on('error', () => undefined);
    const pair = [client, upstream] as const;
    pairs.add(pair);
    for (const socket of pair) {
      socket.on('close', () => {
        pairs.delete(pair);
        for (const either of pair) either.destroy();
      });
    }
    pass('client', client, upstream);
    pass('server', upstream, client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = new URL(redisUrl);
  url.port = String(port);

  const endAll = (): number => {
    const ended = pairs.size;
    for (const [client] of pairs) client.destroy();
    return ended;
  };
  return {
    url: url.href.replace(/\/$/, ''),
    shut: () => {
      isShut = true;
      return endAll();
    },
    open: () => {
      isShut = false;
    },
    slow: (ms) => {
      delayMs = ms;
    },
    delayed: () => delayed,
    intercept: (wanted) => {
      intercept = wanted;
    },
    close: async () => {
      isShut = true;
      endAll();
      server.close();
      await once(server, 'close');
    },
  };
}
