import { createHmac, randomUUID } from 'node:crypto';
import type { JsonObject } from '../slack/json.ts';
import type { Log } from '../slack/log.ts';
import type { Faults } from './faults.ts';

export interface Webhooks {
  /** Where deliveries go from now on; null = nowhere. A new address is pinged, as GitHub does. */
  readonly setUrl: (url: string | null) => void;
  /** Hands an event over, once, unless nobody listens. GitHub does not try again. */
  readonly send: (event: string, payload: JsonObject) => void;
  /** Resolves when nothing is on its way. */
  readonly idle: () => Promise<void>;
  readonly close: () => void;
}

export interface WebhookOptions {
  readonly log: Log;
  readonly faults: Faults;
  readonly secret: string;
}

/** GitHub's patience with a receiver, ms. */
const patienceMs = 10_000;

/** Signed webhooks to one address. */
export function createWebhooks({ faults, log, secret }: WebhookOptions): Webhooks {
  const onTheWay = new Set<Promise<void>>();
  const closing = new AbortController();
  let url: string | null = null;

  async function deliver(to: string, event: string, guid: string, payload: JsonObject): Promise<void> {
    const body = JSON.stringify(payload);
    try {
      const response = await fetch(to, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-github-delivery': guid,
          'x-github-event': event,
          'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
        },
        body,
        signal: AbortSignal.any([closing.signal, AbortSignal.timeout(patienceMs)]),
      });
      await response.body?.cancel();
    } catch (error) {
      if (!closing.signal.aborted) log.error({ err: error, event, guid }, 'a webhook could not be delivered');
    }
  }

  function send(event: string, payload: JsonObject): void {
    if (url === null) return;
    const guid = randomUUID();
    const times = faults.take(['webhook-twice'], { operation: event }) === undefined ? 1 : 2;
    for (let sent = 0; sent < times; sent += 1) {
      const sending = deliver(url, event, guid, payload).finally(() => onTheWay.delete(sending));
      onTheWay.add(sending);
    }
  }

  return {
    setUrl: (next) => {
      const isNew = next !== null && next !== url;
      url = next;
      if (isNew) send('ping', { zen: 'Half measures are as bad as nothing at all.' });
    },
    send,
    idle: async () => {
      while (onTheWay.size > 0) await Promise.all(onTheWay);
    },
    close: () => closing.abort(),
  };
}
