import type { Alarm } from '../../core/notify/alarm.ts';
import type { Severity } from '../../core/notify/severity.ts';
import { cut } from '../../core/units/text-bounds.ts';

/** The name of all that we send: what comes back by a webhook is told by it. */
export const ownAlertName = 'OomkeeperIncident';

/** An alert that is not sent again within this time has ended, whatever becomes of us; ms. */
const alertLastsMs = 300_000;

const most = { label: 253, annotation: 1_024 } as const;

/** By the words that rules for Kubernetes use, so that routes for them fit. */
const severities: Readonly<Record<Severity, 'critical' | 'warning' | 'info'>> = {
  critical: 'critical',
  high: 'warning',
  low: 'info',
};

/** As the API describes it; times are RFC 3339. */
type PostedAlert = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

/**
 * The alert of an incident. A severity is a label, so that one that has become worse is another alert: the one before it
 * ends in the same call.
 */
export function alertsOf(alarm: Alarm): readonly PostedAlert[] {
  const current = alertWith(alarm, alarm.severity, alarm.state === 'resolved' ? alarm.now : alarm.now + alertLastsMs);
  return alarm.before === null ? [current] : [alertWith(alarm, alarm.before, alarm.now), current];
}

function alertWith(alarm: Alarm, severity: Severity, endsAt: number): PostedAlert {
  const { subject, incident, summary, details, link, since } = alarm;
  const { cluster, namespace, workload, container } = subject;
  return {
    labels: filled(
      {
        alertname: ownAlertName,
        severity: severities[severity],
        cluster,
        namespace,
        workload: workload.name,
        workload_kind: workload.kind,
        container,
        incident,
      },
      most.label,
    ),
    annotations: filled(
      { summary, description: details['cause'] ?? null, proposed: details['proposed'] ?? null, thread: link },
      most.annotation,
    ),
    startsAt: new Date(Math.min(since, endsAt)).toISOString(),
    endsAt: new Date(endsAt).toISOString(),
    ...(link === null ? {} : { generatorURL: link }),
  };
}

/** An empty label counts as none. */
function filled(texts: Readonly<Record<string, string | null>>, longest: number): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) => (text === null || text === '' ? [] : [[name, cut(text, longest)]])),
  );
}
