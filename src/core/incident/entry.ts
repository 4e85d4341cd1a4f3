import { killedAtMs } from '../kill/kill.ts';
import { changeWords, meansWords } from '../talk/plan-words.ts';
import { clockTime, reasonWords, sentence } from '../talk/words.ts';
import {
  askedOf,
  expiredWords,
  halfApprovedWords,
  remindedWords,
  requestedWords,
  toldOfExpiry,
} from './asked-words.ts';
import type { Entry, Remediation, Silence } from './incident.ts';
import { calmWords } from './warning.ts';
import type { IncidentEvent } from './event.ts';
import { verifiedText } from './verified-text.ts';
import { roughDuration } from '../units/duration.ts';

const ofAlertmanager = 'Alertmanager: ';

/** Whether a line has the text of others in it that speaks of a workload: evidence, and what Alertmanager says. */
export function tellsEvidence({ kind, text }: Pick<Entry, 'kind' | 'text'>): boolean {
  return kind === 'evidence' || (kind === 'audit' && text.startsWith(ofAlertmanager));
}

/** An answer that only one person sees. `at` is ms UTC; `{0}` … in the text stand for `people`. */
export function answerEntry(user: string, at: number, text: string, people: readonly string[] = []): Entry {
  return {
    at,
    audience: { to: 'person', user },
    kind: 'answer',
    text,
    people: [...people],
    pre: null,
    broadcast: false,
    chart: null,
  };
}

/** Events that leave a line in the thread. */
type Silent = Extract<IncidentEvent, { type: 'watched' | 'wrote' | 'looked' | 'prepared' }>;
type Audited = Exclude<IncidentEvent, Silent | { type: 'answered' | 'assessed' | 'explained' }>;

/** Whether an event leaves no line: it only records how far something has got. */
export function isSilentEvent(event: IncidentEvent): event is Silent {
  return ['watched', 'wrote', 'looked', 'prepared'].includes(event.type);
}

/** The line that an event leaves in the thread. */
export function auditEntry(event: Audited, before?: Remediation): Entry {
  const verification = event.type === 'verified';
  const failed = event.type === 'failed' || (verification && event.outcome === 'failed');
  return {
    at: atOf(event),
    audience: { to: 'thread' },
    kind: verification ? 'verification' : 'audit',
    text: auditText(event, before),
    people: peopleOf(event, before),
    pre: null,
    // A silence is everybody's business.
    // The warning was quiet, but the kill must be announced in the channel: its thread may be far up.
    broadcast: failed || event.type === 'came' || event.type === 'silenced',
    chart: null,
    ...(event.type === 'pull-request-opened'
      ? { link: { url: event.url, text: `pull request #${event.number}` } }
      : {}),
  };
}

function atOf(event: Audited): number {
  if (event.type === 'silenced') return event.silence.at;
  return event.type === 'notified' ? event.notified.at : event.at;
}

/** Whoever did it comes first. */
function peopleOf(event: Audited, before: Remediation | undefined): string[] {
  if (event.type === 'silenced') return [event.silence.by];
  if (event.type === 'notified') return event.notified.people;
  if (event.type === 'approved') return [event.by, ...othersOf(event)];
  if (event.type === 'half-approved' || event.type === 'requested') return [event.by, ...askedOf(event)];
  if (event.type === 'reminded' && before) return askedOf(before);
  if (event.type === 'expired' && before && !before.approved) return toldOfExpiry(before);
  return 'by' in event ? [event.by] : [];
}

function auditText(event: Audited, before: Remediation | undefined): string {
  const change = changeWords(before?.plan);
  switch (event.type) {
    case 'requested':
      return requestedWords(event, change);
    case 'half-approved':
      return halfApprovedWords(event, change, before?.expiresAt ?? null);
    case 'reminded':
      return before ? remindedWords(before, change, event.at) : '';
    case 'edited':
      return `{0} changed the value: ${changeWords(event.plan)} (${event.plan.id}) instead of ${change} (${event.instead}).`;
    case 'silenced':
      return silencedText(event.silence);
    case 'unsilenced':
      return '{0} ended the silence.';
    case 'pull-request-opened':
      return `Opened a pull request for ${change}: ${event.url} . It is waiting for merge.`;
    case 'pull-request-merged':
      return `Pull request #${before?.pullRequest?.number ?? '?'} was merged${byLogin(event.login)} at ${clockTime(event.mergedAt)}; waiting to see ${change} in the cluster.`;
    case 'pull-request-closed':
      return `Pull request #${before?.pullRequest?.number ?? '?'} was closed${byLogin(event.login)} without being merged; nothing changed.`;
    case 'approved':
      return `{0} approved ${change}${before ? ` (${event.plan})` : ''}${othersOf(event).length > 0 ? ' after {1}' : ''}.`;
    case 'rejected':
      return `{0} rejected ${change} (${event.plan})${reasonWords(event.reason)}. Nothing changed.`;
    case 'expired':
      return before && !before.approved
        ? expiredWords(before, change)
        : `The approval of ${change} no longer counts: ${sentence(event.why)} Nothing more is done with it.`;
    case 'stale':
      return `${event.plan} is no longer valid: ${sentence(event.why)} Nothing more is done with it.`;
    case 'applying':
      return `Applying ${change}: ${meansWords(event.means, before?.plan.workload)}.`;
    case 'fell-back':
      return `${sentence(event.why)} Going on with the approved alternative: ${meansWords(event.means, before?.plan.workload)}.`;
    case 'applied':
      if (before?.plan.follows?.as === 'undo') return `Undone: ${event.seen}`;
      if (before?.plan.follows?.as === 'make-permanent') return `Made permanent: ${event.seen}`;
      return `Applied ${change}: ${event.seen}`;
    case 'verified':
      return verifiedText(event, before);
    case 'failed':
      return `Applying ${change} failed: ${sentence(event.why)}`;
    case 'notified':
      return event.text;
    case 'acknowledged':
      return `{0} acknowledged this incident.`;
    case 'came':
      return cameText(event);
    case 'calmed':
      return `Closed without a kill: ${calmWords(event.calm)}.`;
    case 'alerted':
      return `${ofAlertmanager}${event.alert.name} fires${event.alert.summary === '' ? '' : `: ${sentence(event.alert.summary)}`}`;
    case 'alert-resolved':
      return `${ofAlertmanager}${event.alert.name} is resolved.`;
    case 'closed':
      return event.outcome === 'gone' ? 'Closed: the workload was deleted.' : 'Closed: no kill for a long while.';
  }
}

function othersOf({ approvals, by }: Extract<Audited, { type: 'approved' }>): string[] {
  return approvals.map((one) => one.by).filter((one) => one !== by);
}

function cameText({ kill, at }: Extract<IncidentEvent, { type: 'came' }>): string {
  const what = kill.subject.container ?? kill.pod;
  const reason = kill.reason ?? 'killed for memory';
  return `The predicted OOM kill happened: ${what} of ${kill.pod}, ${reason} at ${clockTime(killedAtMs(kill), at)}.`;
}

function byLogin(login: string | null): string {
  return login === null ? '' : ` by ${login}`;
}

function silencedText({ scope, at, until, reason = '' }: Silence): string {
  const why = reason === '' ? '' : ` Reason: ${sentence(reason)}`;
  const length = `for ${roughDuration(until - at)}, until ${clockTime(until, at)}`;
  return scope === 'incident'
    ? `{0} snoozed this incident for everybody, ${length}. Kills are still counted.${why}`
    : `{0} ignores this workload for everybody, ${length}: new incidents of it open no thread. Kills are still counted.${why}`;
}
