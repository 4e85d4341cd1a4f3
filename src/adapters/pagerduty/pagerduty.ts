import type { Receiver } from '../../flow/notify/needs.ts';
import { boundedFetch } from '../bounded-fetch.ts';
import { configurationOf, mostAnswerBytes, postAlarm } from '../post-alarm.ts';
import { eventOf } from './event.ts';

export interface PagerdutyOptions {
  /** Without a slash at its end. */
  readonly apiUrl: string;
  readonly routingKey: string;
  /** ms for the whole answer. */
  readonly timeoutMs: number;
}

/** PagerDuty's Events API v2: an alert for each incident, by its dedup key. */
export function createPagerduty({ apiUrl, routingKey, timeoutMs }: PagerdutyOptions): Receiver {
  const fetch = boundedFetch({ timeoutMs, mostBytes: mostAnswerBytes, redirects: 'none' });
  return {
    name: 'pagerduty',
    kind: 'pagerduty',
    configuration: configurationOf(apiUrl, routingKey),
    takesAcknowledged: true,
    everyMs: null,
    send: async (alarm) =>
      postAlarm(
        {
          name: 'PagerDuty',
          url: `${apiUrl}/v2/enqueue`,
          headers: {},
          mend: 'Check PAGERDUTY_ROUTING_KEY, the key of an Events API v2 integration, and PAGERDUTY_API_URL.',
          refusesAll: (text) => /routing[ _]key/i.test(text),
          fetch,
        },
        eventOf(alarm, routingKey),
      ),
  };
}
