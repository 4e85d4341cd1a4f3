import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** What to do with a piece that one side wrote. NOTE: clients write the commands of one turn together, as one piece. */
export type Intercept = (from: 'client' | 'server', piece: Buffer) => 'pass' | 'drop';

/** The way of one process to a server. */
export interface TcpProxy {
  readonly url: string;
  /** Connections end, and new ones end as soon as they stand. Returns how many ended now. */
  readonly shut: () => number;
  readonly open: () => void;
  /** Each piece is so many ms late from now on, either way, in order. */
  readonly slow: (ms: number) => void;
  /** Pieces that were late. */
  readonly delayed: () => number;
  readonly intercept: (intercept: Intercept | null) => void;
  /** The connections of now stay open and pass nothing any more, either way (half-open). Returns how many. */
  readonly swallow: () => number;
  /** Connections on which nothing has passed for so many ms end, from now on, as by a load balancer; null: none. */
  readonly endIdle: (afterMs: number | null) => void;
  /** Connections that ended because they were idle. */
  readonly endedIdle: () => number;
  readonly close: () => Promise<void>;
}

/** Listens on 127.0.0.1 and passes on to the server of `serverUrl`, to which it connects anew for each connection. */
export async function startTcpProxy(serverUrl: string): Promise<TcpProxy> {
  const target = new URL(serverUrl);
  /** With when something passed last, ms. */
  const pairs = new Map<readonly [Socket, Socket], number>();
  let isShut = false;
  let delayMs = 0;
  let delayed = 0;
  let intercept: Intercept | null = null;
  const swallowed = new WeakSet<Socket>();
  let looking: NodeJS.Timeout | undefined;
  let endedIdle = 0;

  const pass = (from: 'client' | 'server', source: Socket, destination: Socket): void => {
    const late: { readonly at: number; readonly piece: Buffer }[] = [];
    const passLate = (): void => {
      while (late[0] !== undefined && late[0].at <= performance.now()) destination.write(late.shift()?.piece ?? '');
      if (late[0] !== undefined) setTimeout(passLate, late[0].at - performance.now());
    };
    source.on('data', (piece: Buffer) => {
      if (swallowed.has(source)) return;
      if (intercept?.(from, piece) === 'drop') return;
      const now = performance.now();
      const at = Math.max(late.at(-1)?.at ?? 0, now + delayMs);
      // NOTE: not past one whose time has come while nobody has looked at the clock: the server would read nonsense.
      if (late.length === 0 && at <= now) {
        destination.write(piece);
        return;
      }
      delayed += 1;
      if (late.push({ at, piece }) === 1) setTimeout(passLate, at - now);
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
    pairs.set(pair, performance.now());
    for (const socket of pair) {
      socket.on('close', () => {
        // Nobody hears of the other end of a connection that leads nowhere.
        if (socket === upstream && swallowed.has(client)) return;
        pairs.delete(pair);
        for (const either of pair) either.destroy();
      });
      socket.on('data', () => pairs.set(pair, performance.now()));
    }
    pass('client', client, upstream);
    pass('server', upstream, client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = new URL(serverUrl);
  url.port = String(port);

  const endAll = (): number => {
    const ended = pairs.size;
    for (const [client] of pairs.keys()) client.destroy();
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
    swallow: () => {
      for (const socket of [...pairs.keys()].flat()) swallowed.add(socket);
      return pairs.size;
    },
    endIdle: (afterMs) => {
      clearInterval(looking);
      if (afterMs === null) return;
      looking = setInterval(() => {
        const before = performance.now() - afterMs;
        for (const [[client], at] of pairs) {
          if (at > before) continue;
          endedIdle += 1;
          client.destroy();
        }
      }, afterMs / 4);
    },
    endedIdle: () => endedIdle,
    close: async () => {
      isShut = true;
      clearInterval(looking);
      endAll();
      server.close();
      await once(server, 'close');
    },
  };
}
