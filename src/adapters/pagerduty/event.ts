import type { Alarm } from '../../core/notify/alarm.ts';
import type { Severity } from '../../core/notify/severity.ts';
import type { AlarmState } from '../../core/notify/told.ts';
import { killWords } from '../../core/talk/kill-words.ts';
import { cut } from '../../core/units/text-bounds.ts';

/** PagerDuty's bounds of an event, in characters. */
const most = { dedupKey: 255, summary: 1_024, source: 255, field: 255, detail: 1_024, url: 2_048 } as const;

const actions: Readonly<Record<AlarmState, 'trigger' | 'acknowledge' | 'resolve'>> = {
  firing: 'trigger',
  acknowledged: 'acknowledge',
  resolved: 'resolve',
};
const severities: Readonly<Record<Severity, 'critical' | 'error' | 'warning'>> = {
  critical: 'critical',
  high: 'error',
  low: 'warning',
};

/** An event of Events API v2. Only one that triggers has a payload. */
export function eventOf(alarm: Alarm, routingKey: string): Readonly<Record<string, unknown>> {
  const event = {
    routing_key: routingKey,
    event_action: actions[alarm.state],
    dedup_key: cut(alarm.key, most.dedupKey),
  };
  if (alarm.state !== 'firing') return event;
  const { cluster, namespace, workload, container } = alarm.subject;
  const link = alarm.link === null ? null : cut(alarm.link, most.url);
  return {
    ...event,
    client: 'Oomkeeper',
    ...(link === null ? {} : { client_url: link, links: [{ href: link, text: 'Thread in Slack' }] }),
    payload: {
      summary: cut(alarm.summary, most.summary),
      source: cut(
        [cluster, namespace, workload.kind, workload.name].filter((one) => one !== null).join('/'),
        most.source,
      ),
      severity: severities[alarm.severity],
      timestamp: new Date(alarm.since).toISOString(),
      component: cut(container ?? workload.name, most.field),
      group: cut(namespace ?? cluster, most.field),
      class: killWords[alarm.kind],
      custom_details: Object.fromEntries(
        Object.entries(alarm.details).map(([name, text]) => [name, cut(text, most.detail)]),
      ),
    },
  };
}
