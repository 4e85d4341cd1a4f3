import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { SandboxClock } from '../../clock.ts';
import type { Acknowledgement, Deliver, DeliveryType } from './delivery.ts';
import { isObject, type JsonObject, textAt } from '../json.ts';
import { type Retry, retryEvent } from './retry-event.ts';
import type { RequestLog } from '../request-log.ts';
import { createTokens } from '../tokens.ts';

export interface SocketModeOptions {
  readonly appId: string;
  readonly clock: SandboxClock;
  readonly random: () => number;
  readonly requests: RequestLog;
  /** Whether this envelope is to be sent twice. */
  readonly duplicates: (type: DeliveryType) => boolean;
  /** Host and port under which this server is reached. */
  readonly host: () => string;
  /** Real ms. */
  readonly acknowledgeWithinMs: number;
  /** A connection is asked to reconnect after so many real ms, or up to twice as many: never all at once. */
  readonly refreshEveryMs: number;
}

/**
 * Socket Mode: tickets that work once, at most 10 connections, each envelope to one random connection. What is not
 * acknowledged in time is delivered again: interactions once, events after 0, 60 and 300 s, commands never.
 */
export interface SocketMode {
  readonly openUrl: () => string;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly deliver: Deliver;
  /** Asks the oldest `count` connections to reconnect; returns how many there were. */
  readonly refresh: (count: number) => number;
  /** Cuts the oldest `count` connections without a word; returns how many there were. */
  readonly drop: (count: number) => number;
  /** Connections that get envelopes. */
  readonly connections: () => number;
  readonly close: () => void;
}

const mostConnections = 10;
const pingEveryMs = 10_000;
const closingGraceMs = 10_000;
export function createSocketMode(options: SocketModeOptions): SocketMode {
  const { clock, requests } = options;
  const server = new WebSocketServer({ noServer: true });
  const tickets = createTokens<null>({ uses: 1, lifeMs: 60_000 }, clock.now);
  const open = new Set<WebSocket>();
  const waiting = new Map<string, (payload: JsonObject | undefined) => void>();
  let welcomed = 0;
  const afterReal = (ms: number, fn: () => void): (() => void) => clock.after(ms * clock.speed, fn);

  function send(socket: WebSocket, message: JsonObject): void {
    requests.add({ kind: 'socket-out', method: textAt(message, 'type'), ok: true, body: message });
    socket.send(JSON.stringify(message));
  }

  function askToLeave(socket: WebSocket, reason: 'refresh_requested' | 'too_many_websockets'): void {
    open.delete(socket);
    send(socket, { type: 'disconnect', reason, debug_info: { host: 'sandbox' } });
    const cancel = afterReal(closingGraceMs, () => {
      socket.terminate();
    });
    socket.once('close', cancel);
  }

  function welcome(socket: WebSocket): void {
    // NOTE: a broken connection shows up as `close` right after.
    socket.on('error', () => undefined);
    socket.on('message', (data) => {
      // NOTE: `nodebuffer` is the default, so this is one Buffer.
      receive(Buffer.isBuffer(data) ? data.toString('utf8') : '');
    });
    if (open.size >= mostConnections) {
      askToLeave(socket, 'too_many_websockets');
      return;
    }
    open.add(socket);
    welcomed += 1;
    const refreshMs = options.refreshEveryMs * (1 + (welcomed % 4) / 4);
    let cancelPing = (): void => undefined;
    const ping = (): void => {
      socket.ping();
      cancelPing = afterReal(pingEveryMs, ping);
    };
    cancelPing = afterReal(pingEveryMs, ping);
    const cancelRefresh = afterReal(refreshMs, () => {
      askToLeave(socket, 'refresh_requested');
    });
    socket.once('close', () => {
      open.delete(socket);
      cancelPing();
      cancelRefresh();
    });
    send(socket, {
      type: 'hello',
      num_connections: open.size,
      debug_info: {
        host: 'sandbox',
        build_number: 1,
        approximate_connection_time: Math.round(refreshMs / 1000),
      },
      connection_info: { app_id: options.appId },
    });
  }

  function receive(text: string): void {
    const message = parse(text);
    const id = textAt(message, 'envelope_id') ?? '';
    const settle = waiting.get(id);
    const payload = isObject(message['payload']) ? message['payload'] : {};
    const error = settle === undefined ? 'late_or_unknown_envelope' : undefined;
    requests.add({ kind: 'socket-in', ok: settle !== undefined, error, body: message });
    settle?.(payload);
  }

  async function attempt(type: DeliveryType, payload: JsonObject, retry?: Retry): Promise<Acknowledgement> {
    const connections = [...open];
    const pick = (): WebSocket | undefined => connections[Math.floor(options.random() * connections.length)];
    const socket = pick();
    if (socket === undefined) return { outcome: 'dispatch_failed' };
    const envelope = (): JsonObject => ({
      envelope_id: randomUUID(),
      type,
      payload,
      accepts_response_payload: type === 'slash_commands' || payload['type'] === 'view_submission',
      ...(type === 'events_api' ? { retry_attempt: retry?.attempt ?? 0, retry_reason: retry?.reason ?? '' } : {}),
    });
    const first = envelope();
    const id = String(first['envelope_id']);
    const sentAt = performance.now();
    const answer = new Promise<JsonObject | undefined>((resolve) => {
      const cancel = afterReal(options.acknowledgeWithinMs, () => waiting.get(id)?.(undefined));
      waiting.set(id, (body) => {
        waiting.delete(id);
        cancel();
        resolve(body);
      });
    });
    send(socket, first);
    if (options.duplicates(type)) send(pick() ?? socket, envelope());
    const body = await answer;
    const ms = performance.now() - sentAt;
    return body === undefined ? { outcome: 'operation_timeout', ms } : { outcome: 'acknowledged', ms, payload: body };
  }

  return {
    openUrl: () => `ws://${options.host()}/link/?ticket=${tickets.issue(null)}&app_id=${options.appId}`,
    upgrade: (request, socket, head) => {
      const ticket = new URL(request.url ?? '/', 'http://slack').searchParams.get('ticket') ?? '';
      if (!tickets.use(ticket).ok) {
        socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, socket, head, welcome);
    },
    deliver: async (type, payload) => {
      const first = await attempt(type, payload);
      if (type === 'events_api') {
        retryEvent(first, (retry) => attempt(type, payload, retry), clock);
        return first;
      }
      // NOTE: what is not acknowledged in time is sent once more, a command never.
      if (type === 'interactive' && first.outcome === 'operation_timeout') void attempt(type, payload);
      return first;
    },
    refresh: (count) => {
      const oldest = [...open].slice(0, count);
      for (const socket of oldest) askToLeave(socket, 'refresh_requested');
      return oldest.length;
    },
    drop: (count) => {
      const oldest = [...open].slice(0, count);
      for (const socket of oldest) {
        open.delete(socket);
        socket.terminate();
      }
      return oldest.length;
    },
    connections: () => open.size,
    close: () => {
      for (const settle of waiting.values()) settle(undefined);
      for (const socket of server.clients) socket.terminate();
      server.close();
    },
  };
}

function parse(text: string): JsonObject {
  try {
    const message: unknown = JSON.parse(text);
    return isObject(message) ? message : {};
  } catch {
    return {};
  }
}
