import { createHmac, randomUUID } from 'node:crypto';
import type { SandboxClock } from '../clock.ts';
import type { JsonObject } from '../slack/json.ts';
import type { Log } from '../slack/log.ts';
import type { Faults } from './faults.ts';
import type { GithubEvent } from './github-state.ts';

/** One try to hand an event over. GitHub tries once; a redelivery is asked for. */
export interface Delivery {
  readonly id: number;
  /** `X-GitHub-Delivery`; a redelivery has the same. */
  readonly guid: string;
  readonly event: string;
  readonly action: string | undefined;
  /** ms UTC. */
  readonly at: number;
  readonly isRedelivery: boolean;
  readonly payload: JsonObject;
  /** HTTP status of the receiver; null while it has not answered or never did. */
  status: number | null;
  error: string | null;
}

export interface Webhooks {
  /** Where deliveries go from now on; null = nowhere. A new address is pinged, as GitHub does. */
  readonly setUrl: (url: string | null) => void;
  /** Hands an event over unless nobody listens. */
  readonly hear: (event: GithubEvent) => void;
  /** Sends the event of an earlier delivery once more; false where there is none with this GUID. */
  readonly redeliver: (guid: string) => boolean;
  /** The newest deliveries, oldest first. */
  readonly deliveries: () => readonly Delivery[];
  /** Resolves when nothing is on its way. */
  readonly idle: () => Promise<void>;
  readonly close: () => void;
}

export interface WebhookOptions {
  readonly clock: SandboxClock;
  readonly log: Log;
  readonly faults: Faults;
  readonly secret: string;
  /** Name and payload of an event; null for what has no webhook. */
  readonly describe: (event: GithubEvent) => { readonly event: string; readonly payload: JsonObject } | null;
  readonly ping: () => JsonObject;
}

/** GitHub's patience with a receiver, ms. */
const patienceMs = 10_000;
const deliveriesKept = 1_000;

/** Signed webhooks to one address. */
export function createWebhooks({ clock, describe, faults, log, ping, secret }: WebhookOptions): Webhooks {
  const deliveries: Delivery[] = [];
  const onTheWay = new Set<Promise<void>>();
  const closing = new AbortController();
  let url: string | null = null;
  let lastId = 0;

  function send(event: string, payload: JsonObject, guid: string, isRedelivery: boolean): void {
    if (url === null) return;
    const to = url;
    const { action } = payload;
    lastId += 1;
    const delivery: Delivery = {
      id: lastId,
      guid,
      event,
      action: typeof action === 'string' ? action : undefined,
      at: clock.now(),
      isRedelivery,
      payload,
      status: null,
      error: null,
    };
    deliveries.push(delivery);
    if (deliveries.length > deliveriesKept) deliveries.shift();
    const sending = deliver(to, delivery).finally(() => onTheWay.delete(sending));
    onTheWay.add(sending);
  }

  async function deliver(to: string, delivery: Delivery): Promise<void> {
    const { event, guid, payload } = delivery;
    const body = JSON.stringify(payload);
    try {
      const response = await fetch(to, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'GitHub-Hookshot/5a4d0b1',
          'x-github-delivery': guid,
          'x-github-event': event,
          'x-github-hook-id': '410001',
          'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
        },
        body,
        signal: AbortSignal.any([closing.signal, AbortSignal.timeout(patienceMs)]),
      });
      await response.body?.cancel();
      delivery.status = response.status;
    } catch (error) {
      delivery.error = String(error);
      if (!closing.signal.aborted) log.error({ err: error, event, guid }, 'a webhook could not be delivered');
    }
  }

  return {
    setUrl: (next) => {
      const isNew = next !== null && next !== url;
      url = next;
      if (isNew) send('ping', ping(), randomUUID(), false);
    },
    hear: (happened) => {
      const described = describe(happened);
      if (described === null) return;
      const { event, payload } = described;
      if (faults.take(['webhook-lost'], { operation: event }) !== undefined) return;
      const guid = randomUUID();
      send(event, payload, guid, false);
      if (faults.take(['webhook-twice'], { operation: event }) !== undefined) send(event, payload, guid, false);
    },
    redeliver: (guid) => {
      const earlier = deliveries.find((one) => one.guid === guid);
      if (earlier === undefined) return false;
      send(earlier.event, earlier.payload, guid, true);
      return true;
    },
    deliveries: () => [...deliveries],
    idle: async () => {
      while (onTheWay.size > 0) await Promise.all(onTheWay);
    },
    close: () => closing.abort(),
  };
}
