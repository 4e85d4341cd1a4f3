import { createHash } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import type { TlsMaterial } from './credentials.ts';

/*
 * Connections to one API server. HTTP/1.1 carries one request at a time, so a watch has a connection of its own for as
 * long as it lasts, and calls share kept ones. A kept connection is used by reads only: when the other side closes it
 * in the moment in which a request is sent, nobody knows whether that was heard, and only a read can be sent again.
 *
 * An agent belongs to the TLS material that it was made with. Node puts an agent's options before a request's, so new
 * certificates need a new agent; the connections of the old one end when they are idle.
 */
export interface Connections {
  /** For a read. */
  readonly kept: (tls: TlsMaterial) => Promise<http.Agent>;
  /** For a watch, or for what must not be sent twice. */
  readonly own: (tls: TlsMaterial) => Promise<http.Agent>;
  /** Scheme, host and port of the proxy that they go through; null without one. */
  readonly through: string | null;
  /** Closes what is idle, for example because it seems to lead nowhere. */
  readonly dropIdle: () => void;
}

/**
 * ms without use after which a kept connection is closed: below what API servers (90 s) and load balancers (60 s and
 * more) allow, and long enough for the next kill of a storm.
 */
const idleMs = 20_000;
/**
 * Requests under way at once; others wait for one of these connections. Without a bound a burst of explanations opened
 * one for every second request, and a handshake costs more CPU than what is asked.
 */
const mostKept = 16;

interface Pair {
  readonly of: string;
  readonly agents: Promise<{ readonly kept: http.Agent; readonly own: http.Agent }>;
}

/** @param proxy http, https or socks URL; null = none */
export function createConnections(server: string, proxy: string | null): Connections {
  const { Agent } = server.startsWith('http:') ? http : https;
  let pair: Pair | null = null;

  /** Without a pause before the pair stands: requests that come at once would each make one. */
  function pairFor(tls: TlsMaterial): Pair {
    const of = createHash('sha256').update(JSON.stringify(tls)).digest('base64');
    if (pair?.of === of) return pair;
    void closeIdle(pair);
    pair = { of, agents: createAgents(tls) };
    return pair;
  }

  async function createAgents(tls: TlsMaterial): Promise<{ readonly kept: http.Agent; readonly own: http.Agent }> {
    return { kept: await createAgent(tls, true), own: await createAgent(tls, false) };
  }

  async function createAgent(tls: TlsMaterial, keepAlive: boolean): Promise<http.Agent> {
    const options = keepAlive
      ? { ...tls, keepAlive, timeout: idleMs, maxSockets: mostKept, maxFreeSockets: mostKept }
      : { ...tls, keepAlive };
    if (proxy === null) return new Agent(options);
    if (!proxy.startsWith('socks'))
      return new Agent({ ...options, proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } });
    const { SocksProxyAgent } = await import('socks-proxy-agent');
    return new SocksProxyAgent(proxy, options);
  }

  return {
    through: proxy === null ? null : withoutUser(proxy),
    kept: async (tls) => (await pairFor(tls).agents).kept,
    own: async (tls) => (await pairFor(tls).agents).own,
    dropIdle: () => void closeIdle(pair),
  };
}

function withoutUser(proxy: string): string {
  const { protocol, host } = new URL(proxy);
  return `${protocol}//${host}`;
}

async function closeIdle(pair: Pair | null): Promise<void> {
  // Agents that could not be made have no connections, and whoever asked for one was told why.
  const agents = await pair?.agents.catch(() => undefined);
  for (const sockets of Object.values(agents?.kept.freeSockets ?? {}))
    for (const socket of sockets ?? []) socket.destroy();
}
