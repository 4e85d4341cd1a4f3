import type { ContainerNow } from '../../core/evidence/usage-now.ts';
import { subjectOfContainer } from '../../core/evidence/usage-now.ts';
import { Failure } from '../../core/failure.ts';
import { withAlert } from '../../core/incident/ahead-moves.ts';
import type { Loaded } from '../../core/incident/incident.ts';
import type { Alert } from '../../core/incident/warning.ts';
import { alertFingerprint } from '../../core/kill/fingerprint.ts';
import { containerOf, hasTarget } from '../../core/talk/heard-alert.ts';
import type { AlertResult, HeardAlert } from '../../core/talk/heard-alert.ts';
import { applyEvents } from '../apply-events.ts';
import { warn } from './warn.ts';
import type { WarnNeeds } from './warn.ts';

/*
 * What Alertmanager reports, mapped to subjects:
 *
 *   firing, heard before         -> known: Alertmanager repeats alerts that still fire
 *   firing, subject open         -> a line in its thread
 *   firing                       -> opens an incident ahead of a kill
 *   resolved, heard before       -> a line; an incident that only alerts opened is over when none has fired for long
 *   about nothing that exists    -> a line in the thread of the open incident that knows its pod, else a reason
 *
 * Hearing the same alert twice is harmless: its incident keeps it by fingerprint and start.
 */
export interface HearNeeds extends WarnNeeds {
  /** Of one namespace. @throws Failure */
  readonly containers: (namespace: string) => Promise<readonly ContainerNow[]>;
}

export interface Heard {
  readonly fingerprint: string;
  readonly result: AlertResult;
  readonly incident: string | null;
}

const mostOpen = 200;

/**
 * Hears alerts about this cluster, one after the other.
 * @throws Failure, after which they can be sent again; if one was refused, only after all the others were heard
 */
export async function hearAlerts(alerts: readonly HeardAlert[], needs: HearNeeds): Promise<readonly Heard[]> {
  const open = await needs.store.open(mostOpen);
  const lists = new Map<string, Promise<readonly ContainerNow[]>>();
  const containers = async (namespace: string): Promise<readonly ContainerNow[]> => {
    const list = lists.get(namespace) ?? needs.containers(namespace);
    lists.set(namespace, list);
    return list;
  };
  const heard: Heard[] = [];
  const failures: Failure[] = [];
  for (const alert of alerts) {
    try {
      const { result, incident } = await hear(alert, open, { ...needs, containers });
      needs.log('info', 'alert heard', { alert: alert.name, status: alert.status, result, incident, ...alert.labels });
      heard.push({ fingerprint: alert.fingerprint, result, incident });
    } catch (error) {
      // What cannot be reached for one alert cannot be reached for the others either.
      if (!(error instanceof Failure) || error.retry !== 'never') throw error;
      needs.log('warn', 'alert not heard', { alert: alert.name, error, ...alert.labels });
      failures.push(error);
    }
  }
  if (failures[0] !== undefined) throw failures[0];
  return heard;
}

type Outcome = Omit<Heard, 'fingerprint'>;

async function hear(alert: HeardAlert, open: readonly Loaded[], needs: HearNeeds): Promise<Outcome> {
  const { labels, status } = alert;
  if (labels.cluster !== undefined && labels.cluster !== needs.cluster) return no('other-cluster');
  const known = open.find(({ incident }) =>
    incident.alerts.some((one) => (status === 'firing' ? isSame(one, alert) : endsWith(one, alert))),
  );
  if (status === 'resolved') {
    // `open` has only the newest.
    const about = known ?? (open.length < mostOpen ? null : await latestAbout(labels, needs));
    return about ? resolve(about.incident.id, alert, needs) : no('known');
  }
  if (known) return { result: 'known', incident: known.incident.id };
  if (labels.namespace === undefined || !hasTarget(labels)) return no('no-labels');
  const container = containerOf(labels, await needs.containers(labels.namespace));
  if (typeof container === 'string') {
    const about = incidentOf(labels, open);
    return about === null ? no(container) : join(about, alert, needs);
  }

  const latest = await needs.store.latestOf(subjectOfContainer(needs.cluster, container));
  if (latest?.incident.state.is === 'open') return join(latest.incident.id, alert, needs);
  const { name, summary } = alert;
  const fingerprint = (): string => alertFingerprint(needs.cluster, alert.fingerprint, alert.startsAt);
  const warned = await warn(
    container,
    { of: { is: 'alert', name, summary }, alert: asKept(alert), fingerprint },
    needs,
  );
  switch (warned.is) {
    case 'joined':
      return join(warned.incident, alert, needs);
    case 'opened':
      return { result: 'opened', incident: warned.incident };
    case 'gone':
      return no('not-running');
    case 'known':
    case 'open':
    case 'flapped':
      return no('known');
  }
}

/**
 * The open incident that an alert is about when the cluster cannot say: the alert is about an ended pod of a Job, about
 * a pod that is gone, or about a pod without naming the container, of which one was killed.
 */
function incidentOf(labels: HeardAlert['labels'], open: readonly Loaded[]): string | null {
  const ids = new Map<ContainerNow, string>();
  for (const { incident, tally } of open) {
    const { namespace, workload, container } = incident.subject;
    for (const { pod, limitBytes } of [...tally.recent, incident.trigger]) {
      const named = { namespace: namespace ?? '', pod, workload, container: container ?? '' };
      ids.set(
        { ...named, isRunning: false, containerId: null, startedAt: null, requestBytes: null, limitBytes },
        incident.id,
      );
    }
  }
  const found = containerOf(labels, [...ids.keys()]);
  return typeof found === 'string' ? null : (ids.get(found) ?? null);
}

async function join(incident: string, alert: HeardAlert, needs: HearNeeds): Promise<Outcome> {
  const at = await needs.now();
  let result: AlertResult = 'known';
  await applyEvents(incident, needs, ({ incident: latest }) => {
    const isNews = latest.state.is === 'open' && withAlert(latest.alerts, asKept(alert)) !== null;
    result = isNews ? 'joined' : 'known';
    return isNews ? [{ type: 'alerted', alert: asKept(alert), at }] : null;
  });
  return { result, incident };
}

async function resolve(incident: string, alert: HeardAlert, needs: HearNeeds): Promise<Outcome> {
  const at = await needs.now();
  let result: AlertResult = 'known';
  await applyEvents(incident, needs, ({ incident: { alerts, state } }) => {
    const ended = alerts.filter((one) => one.resolvedAt === null && endsWith(one, alert));
    result = state.is === 'open' && ended.length > 0 ? 'resolved' : 'known';
    return result === 'known' ? null : ended.map((one) => ({ type: 'alert-resolved', alert: one, at }));
  });
  return { result, incident };
}

function isSame(kept: Alert, { fingerprint, startsAt }: HeardAlert): boolean {
  return kept.fingerprint === fingerprint && kept.startsAt === startsAt;
}

/**
 * Alertmanager has one alert per fingerprint. When it is resolved, so is each earlier firing, also one whose end was
 * never sent because Alertmanager was restarted in between.
 */
function endsWith(kept: Alert, alert: HeardAlert): boolean {
  if (isSame(kept, alert)) return true;
  return kept.fingerprint === alert.fingerprint && Date.parse(kept.startsAt) <= Date.parse(alert.startsAt);
}

async function latestAbout(labels: HeardAlert['labels'], needs: HearNeeds): Promise<Loaded | null> {
  if (labels.namespace === undefined || !hasTarget(labels)) return null;
  const container = containerOf(labels, await needs.containers(labels.namespace));
  return typeof container === 'string' ? null : needs.store.latestOf(subjectOfContainer(needs.cluster, container));
}

function asKept({ fingerprint, startsAt, name, summary }: HeardAlert): Alert {
  return { fingerprint, startsAt, name, summary, resolvedAt: null };
}

function no(result: AlertResult): Outcome {
  return { result, incident: null };
}
