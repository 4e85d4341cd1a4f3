import { createAlertmanager } from '../../adapters/alertmanager/alertmanager.ts';
import { createPagerduty } from '../../adapters/pagerduty/pagerduty.ts';
import type { Receiver } from '../../flow/notify/needs.ts';
import type { Config } from '../config/config.ts';

const timeoutMs = 10_000;

type ReceiverConfig = Pick<
  Config,
  'PAGERDUTY_ROUTING_KEY' | 'PAGERDUTY_API_URL' | 'OOMKEEPER_ALERTMANAGER_URL' | 'OOMKEEPER_ALERTMANAGER_TOKEN'
>;

/** Those who are told of incidents beside the chat, as far as they are configured. */
export function receiversFor(config: ReceiverConfig): readonly Receiver[] {
  const routingKey = config.PAGERDUTY_ROUTING_KEY;
  const token = config.OOMKEEPER_ALERTMANAGER_TOKEN ?? null;
  return [
    ...(routingKey === undefined ? [] : [createPagerduty({ apiUrl: config.PAGERDUTY_API_URL, routingKey, timeoutMs })]),
    ...config.OOMKEEPER_ALERTMANAGER_URL.map((url, place) => createAlertmanager({ url, token, place, timeoutMs })),
  ];
}
