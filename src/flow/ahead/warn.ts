import type { ContainerNow } from '../../core/evidence/usage-now.ts';
import { noWarning } from '../../core/forecast/may-warn.ts';
import type { NoWarning } from '../../core/forecast/may-warn.ts';
import { alertsOverSince } from '../../core/incident/alerts-over.ts';
import type { Loaded } from '../../core/incident/incident.ts';
import type { Alert, Warning } from '../../core/incident/warning.ts';
import { containerAtRisk } from '../../core/kill/detect/make-kill.ts';
import type { Subject } from '../../core/kill/kill.ts';
import { subjectOf } from '../../core/kill/subject.ts';
import type { ContainerView, PodView } from '../../core/kill/pod.ts';
import { applyEvents } from '../apply-events.ts';
import type { WorkerNeeds } from '../worker-needs.ts';

/** A running container, just read from its pod. */
export interface Running {
  readonly pod: PodView;
  readonly container: ContainerView;
}

export interface WarnNeeds extends WorkerNeeds {
  readonly cluster: string;
  /** Null if it is not running any more. @throws Failure */
  readonly running: (container: Pick<ContainerNow, 'namespace' | 'pod' | 'container'>) => Promise<Running | null>;
}

export type WarnResult =
  | { readonly is: 'opened' | 'joined'; readonly incident: string }
  | { readonly is: 'known' | 'gone' | NoWarning };

/** A warning about a container, and its fingerprint. */
export interface Saying {
  readonly of: Warning['of'];
  readonly alert: Alert | null;
  readonly fingerprint: (running: Running) => string;
}

/**
 * Opens an incident about a container that has not been killed, unless its subject has an open one or the last warning
 * recently came to nothing. An alert is shown in any case, in the existing thread. @throws Failure
 */
export async function warn(
  container: Pick<ContainerNow, 'namespace' | 'pod' | 'container' | 'containerId' | 'limitBytes'>,
  { of, alert, fingerprint }: Saying,
  needs: WarnNeeds,
): Promise<WarnResult> {
  const running = await needs.running(container);
  if (running === null) return { is: 'gone' };
  // Lists are minutes old. A forecast for a limit that was resized since, or for a run that is over, is worthless.
  if (alert === null && !isAsListed(container, running.container)) return { is: 'gone' };
  const subject = subjectOf(needs.cluster, running.pod, running.container.name);
  const at = await needs.now();
  const latest = await latestUnlessOver(subject, alert, at, needs);
  const no = noWarning(latest, at);
  if (no === 'open' && alert !== null && latest !== null) return { is: 'joined', incident: latest.incident.id };
  if (no !== null && (alert === null || no === 'open')) return { is: no };
  const origin = { cluster: needs.cluster, fingerprint: fingerprint(running), seenAtMs: at };
  const warned = { ...containerAtRisk(origin, running.pod, running.container), warning: { at, of, calm: null } };
  const admission = await needs.trace({ name: 'warn', of: warned }, (span) =>
    needs.store.warn(span.carriedBy(warned), alert, needs.policy.mode),
  );
  if (admission.is === 'known') return admission;
  if (admission.is === 'open') return alert === null ? { is: 'open' } : { is: 'joined', incident: admission.incident };
  needs.log('info', 'warned', {
    incident: admission.incident,
    of: of.is,
    pod: warned.pod,
    container: container.container,
  });
  await Promise.all([needs.hints.show(admission.incident), needs.hints.advance(admission.incident)]);
  return admission;
}

/** The latest incident, unless it only waits for its alerts to fire again: that must not suppress our own forecast. */
async function latestUnlessOver(
  subject: Subject,
  alert: Alert | null,
  at: number,
  needs: WarnNeeds,
): Promise<Loaded | null> {
  const latest = await needs.store.latestOf(subject);
  if (alert !== null || latest === null || alertsOverSince(latest) === null) return latest;
  await applyEvents(latest.incident.id, needs, (now) =>
    alertsOverSince(now) === null ? null : [{ type: 'calmed', calm: 'resolved', at }],
  );
  return needs.store.latestOf(subject);
}

function isAsListed(
  { containerId, limitBytes }: Pick<ContainerNow, 'containerId' | 'limitBytes'>,
  now: Pick<ContainerView, 'containerId' | 'limitBytes'>,
): boolean {
  return containerId === now.containerId && limitBytes === now.limitBytes;
}
