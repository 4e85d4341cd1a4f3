import type { Receiver } from '../../flow/notify/needs.ts';
import { boundedFetch } from '../bounded-fetch.ts';
import { configurationOf, mostAnswerBytes, postAlarm } from '../post-alarm.ts';
import { splitLogin } from '../split-login.ts';
import { alertsOf } from './alert-of.ts';

/** As Prometheus does; well within `alertLastsMs` and within the usual `resolve_timeout`. ms. */
const everyMs = 60_000;

export interface AlertmanagerOptions {
  /** May have a login for basic authentication. */
  readonly url: string;
  /** A bearer token instead of a login. */
  readonly token: string | null;
  /** Its place among those that are configured: each of a cluster of Alertmanagers is told. From 0. */
  readonly place: number;
  /** ms for the whole answer. */
  readonly timeoutMs: number;
}

/** Alertmanager's API v2. What fires is sent again and again, since Alertmanager forgets it when it is restarted. */
export function createAlertmanager({ url, token, place, timeoutMs }: AlertmanagerOptions): Receiver {
  const { base, headers } = alertmanagerServer(url, token);
  const fetch = boundedFetch({ timeoutMs, mostBytes: mostAnswerBytes, redirects: 'none' });
  return {
    name: place === 0 ? 'alertmanager' : `alertmanager-${place + 1}`,
    kind: 'alertmanager',
    configuration: configurationOf(url, token ?? ''),
    takesAcknowledged: false,
    everyMs,
    send: async (alarm) =>
      postAlarm(
        {
          name: `Alertmanager at ${base}`,
          url: `${base}/api/v2/alerts`,
          headers,
          mend: 'Check OOMKEEPER_ALERTMANAGER_URL and its login, or OOMKEEPER_ALERTMANAGER_TOKEN.',
          refusesAll: () => false,
          fetch,
        },
        alertsOf(alarm),
      ),
  };
}

/** Where it is and how we log in there; `base` has no slash at its end. */
export function alertmanagerServer(
  url: string,
  token: string | null,
): { readonly base: string; readonly headers: Readonly<Record<string, string>> } {
  const { base, authorization } = splitLogin(url);
  const header = token === null ? authorization : `Bearer ${token}`;
  return { base, headers: header === null ? {} : { authorization: header } };
}
