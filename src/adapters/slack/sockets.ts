import { inTime } from '../in-time.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { type App, type Receiver, SocketModeReceiver } from '@slack/bolt';
import { Failure } from '../../core/failure.ts';
import { onlyEnvelopes } from './deliveries/envelopes.ts';
import { asSlackFailure } from './slack-failure.ts';
import { clientOptions } from './web-client.ts';
import type { Log, SlackLogger } from './slack-logger.ts';

/*
 * Socket Mode over several connections that are kept up by us, not by the SDK. Measured with Bolt 5.1: after Slack's
 * `disconnect: refresh` the SDK waits 5 s before it connects again, one connection lost 20 of 20 commands meanwhile, and
 * `invalid_auth` on reconnect ends as an unhandled rejection. So the SDK's own reconnecting is off and each connection
 * has a loop here:
 *
 *   connecting -> connected -> (closed, refreshed, silent) -> connecting, at once the first time
 *   connecting -> failed    -> connecting after a pause that doubles up to `longestPauseMs`
 *   connecting -> refused for good (token revoked, app removed) -> `onFatal`, and the loop ends
 */
export interface SocketOptions {
  readonly appToken: string;
  readonly slackApiUrl?: string | undefined;
  readonly connections: number;
  readonly timeoutMs: number;
  readonly logger: SlackLogger;
  readonly log: Log;
  /** Called when nothing will ever arrive again. */
  readonly onFatal: (failure: Failure) => void;
}

export interface SocketHealth {
  readonly connected: number;
  readonly wanted: number;
  /** Since when none is connected, ms UTC; null while one is. */
  readonly deafSince: number | null;
}

export interface Sockets {
  readonly receiver: Receiver;
  readonly health: () => SocketHealth;
}

const FATAL: readonly string[] = ['chat-invalid-auth', 'chat-missing-scope'];
const shortestPauseMs = 250;
const longestPauseMs = 15_000;

/** `receiver.start()` resolves with the first connection and rejects when Slack refuses for good. */
export function createSockets(options: SocketOptions): Sockets {
  const receivers = Array.from({ length: options.connections }, () => newReceiver(options));
  const connected = new Set<SocketModeReceiver>();
  const stopping = new AbortController();
  let deafSince: number | null = Date.now();
  let loops: Promise<unknown> = Promise.resolve();

  const note = (receiver: SocketModeReceiver, isUp: boolean): void => {
    if (isUp) connected.add(receiver);
    else connected.delete(receiver);
    if (connected.size > 0) deafSince = null;
    else deafSince ??= Date.now();
  };

  const keepUp = async (receiver: SocketModeReceiver, onUp: () => void): Promise<void> => {
    let failed = 0;
    while (!stopping.signal.aborted) {
      const closed = closedOnce(receiver);
      try {
        await connect(receiver, options.timeoutMs);
        note(receiver, true);
        onUp();
        failed = 0;
        await closed;
        note(receiver, false);
      } catch (error) {
        const failure = asSlackFailure(error, 'apps.connections.open');
        if (FATAL.includes(failure.code)) throw failure;
        failed += 1;
        if (!stopping.signal.aborted) options.log.warn({ error: failure, attempt: failed }, 'socket not connected');
      }
      if (failed > 0) await pause(Math.min(longestPauseMs, shortestPauseMs * 2 ** (failed - 1)), stopping.signal);
    }
  };

  const start = async (): Promise<void> => {
    const first = Promise.withResolvers<void>();
    const all = receivers.map(async (receiver) => {
      try {
        await keepUp(receiver, first.resolve);
      } catch (failure) {
        first.reject(failure);
        if (failure instanceof Failure && !stopping.signal.aborted) options.onFatal(failure);
      }
    });
    loops = Promise.all(all).then(() => {
      first.resolve();
    });
    await first.promise;
  };

  const stop = async (): Promise<void> => {
    stopping.abort();
    for (const receiver of receivers) await receiver.stop();
    await inTime(loops, options.timeoutMs, () => undefined);
  };

  return {
    receiver: {
      init: (app: App) => {
        for (const receiver of receivers) receiver.init(app);
      },
      start,
      stop,
    },
    health: () => ({ connected: connected.size, wanted: receivers.length, deafSince }),
  };
}

function newReceiver({ appToken, slackApiUrl, timeoutMs, logger, log }: SocketOptions): SocketModeReceiver {
  const receiver = new SocketModeReceiver({
    appToken,
    logger,
    autoReconnectEnabled: false,
    // NOTE: the API's address reaches Socket Mode only this way.
    installerOptions: {
      clientOptions: clientOptions({ slackApiUrl, timeoutMs }),
    },
  });
  onlyEnvelopes(receiver.client, log);
  return receiver;
}

/** Resolves with Slack's hello. A socket that opens and then stays silent is closed after `timeoutMs`. */
async function connect(receiver: SocketModeReceiver, timeoutMs: number): Promise<void> {
  await inTime(receiver.start(), timeoutMs, () => {
    void receiver.stop();
    throw new Failure('chat-timeout', 'Slack opened a socket and then said nothing.', { retry: 'backoff' });
  });
}

async function closedOnce(receiver: SocketModeReceiver): Promise<void> {
  return new Promise((resolve) => {
    receiver.client.once('disconnected', () => {
      resolve();
    });
  });
}

/** Ends early, without an error, when the signal is aborted. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
