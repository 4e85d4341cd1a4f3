import http from 'node:http';
import https from 'node:https';
import type { TlsMaterial } from './credentials.ts';

/*
 * Connections to one API server. HTTP/1.1 carries one request at a time, so a watch has a connection of its own for as
 * long as it lasts, and calls share kept ones. A kept connection is used by reads only: when the other side closes it
 * at the moment a request is sent, nobody knows whether it arrived, and only a read can safely be sent again.
 *
 * An agent belongs to the TLS material that it was made with. Node puts an agent's options before a request's, so new
 * certificates need a new agent; the connections of the old one end when they are idle.
 */
export interface Connections {
  /** For a read. */
  readonly kept: (tls: TlsMaterial) => http.Agent;
  /** For a watch, or for what must not be sent twice. */
  readonly own: (tls: TlsMaterial) => http.Agent;
  /** Scheme, host and port of the proxy that they go through; null without one. */
  readonly through: string | null;
  /** Closes what is idle, for example because it seems to lead nowhere. */
  readonly dropIdle: () => void;
}

/**
 * `timeout` is ms without use after which a kept connection is closed: below what API servers (90 s) and load balancers
 * (60 s and more) allow, and long enough for the next kill of a storm. Requests beyond the number of
 * connections wait: without a bound a burst of explanations opened one for every second request, and a handshake costs more CPU
 * than what is asked.
 */
const kept = { keepAlive: true, timeout: 20_000, maxSockets: 16, maxFreeSockets: 16 };
const own = { keepAlive: false };

interface Agents {
  readonly of: string;
  readonly kept: http.Agent;
  readonly own: http.Agent;
}

/** @param proxy http, https or socks URL; null = none */
export async function createConnections(server: string, proxy: string | null): Promise<Connections> {
  const { Agent } = server.startsWith('http:') ? http : https;
  const socks = proxy?.startsWith('socks') ? await import('socks-proxy-agent') : null;
  let agents: Agents | null = null;

  function agentOf(options: https.AgentOptions): http.Agent {
    if (proxy === null) return new Agent(options);
    if (socks !== null) return new socks.SocksProxyAgent(proxy, options);
    return new Agent({ ...options, proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } });
  }

  function agentsFor(tls: TlsMaterial): Agents {
    const of = JSON.stringify(tls);
    if (agents?.of === of) return agents;
    dropIdle();
    agents = { of, kept: agentOf({ ...tls, ...kept }), own: agentOf({ ...tls, ...own }) };
    return agents;
  }

  function dropIdle(): void {
    for (const sockets of Object.values(agents?.kept.freeSockets ?? {}))
      for (const socket of sockets ?? []) socket.destroy();
  }

  return {
    through: proxy === null ? null : withoutUser(proxy),
    kept: (tls) => agentsFor(tls).kept,
    own: (tls) => agentsFor(tls).own,
    dropIdle,
  };
}

function withoutUser(proxy: string): string {
  const { protocol, host } = new URL(proxy);
  return `${protocol}//${host}`;
}
