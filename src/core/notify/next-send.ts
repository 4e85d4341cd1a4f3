import { isSilent } from '../incident/is-silent.ts';
import type { Loaded } from '../incident/incident.ts';
import { resultSinceLastKill } from '../incident/next-step.ts';
import { firstTrigger } from '../incident/triggers.ts';
import { isTest } from '../test-kill/test-words.ts';
import { dayMs, hourMs, minuteMs, secondMs } from '../units/duration.ts';
import { reaches } from './alarm-rule.ts';
import type { Threshold } from './alarm-rule.ts';
import { isAtLeast } from './severity.ts';
import type { Severity } from './severity.ts';
import type { AlarmState, Told } from './told.ts';

/*
 * What a receiver is told next about an incident: a pure function of the stored state, of what it was told so far, and
 * of the time. The newest state wins; what was skipped meanwhile is never told. The first that applies, in this order:
 *
 *   a test                                               -> nothing (`test`)
 *   closed, or a fix held and nothing was killed since
 *     the receiver has an open alarm                     -> resolved
 *     else                                               -> nothing (`over`)
 *   the receiver has an open alarm
 *     the severity is worse than it was told             -> firing, with the new one (it never falls while it fires)
 *     acknowledged since it fires, where it takes that   -> acknowledged
 *     else                                               -> firing
 *   silenced                                             -> wait (`silenced`)
 *   not killed yet                                       -> nothing (`ahead`)
 *   opened a moment ago, and nobody knows how bad it is  -> wait (`unknown`)
 *   not as bad as policy wants                           -> nothing (`below`)
 *   somebody acknowledged it since the last kill         -> nothing (`acknowledged`)
 *   the last kill was long ago                           -> nothing (`old`): nobody is woken for what was
 *   else                                                 -> firing
 *
 * What it was told already is sent again only if it is not certain that it arrived (back-off up to `longestPauseMs`, for
 * a day), or if the receiver forgets what it is not told again (`everyMs`).
 */
const unknownMs = minuteMs;
const freshMs = hourMs;
const firstPauseMs = secondMs;
const longestPauseMs = 5 * minuteMs;
const givesUpAfterMs = dayMs;

/** What stands for a severity that is not known: rather one call too many. */
const usualSeverity: Severity = 'high';

export interface SendOptions {
  /** From which severity on policy wants this receiver to be told. */
  readonly from: Threshold;
  readonly takesAcknowledged: boolean;
  /** How often it has to be told of an alarm that fires, ms; null: once. */
  readonly everyMs: number | null;
  /** ms UTC by the store's clock. */
  readonly now: number;
}

export type NoSend =
  | 'test'
  | 'over'
  | 'told'
  | 'gave-up'
  | 'silenced'
  | 'ahead'
  | 'unknown'
  | 'below'
  | 'acknowledged'
  | 'old'
  | 'failed';

export type NextSend =
  /** `told`: what it will have been told, to be stored before it is sent. */
  | { readonly do: 'send'; readonly told: Told }
  /** `until`: when to look again, ms UTC; null where only a change of the incident can matter. */
  | { readonly do: 'nothing'; readonly why: NoSend; readonly until: number | null };

export function nextSend(loaded: Loaded, told: Told | null, options: SendOptions): NextSend {
  const wanted = wantedState(loaded, told, options);
  if ('why' in wanted) return { do: 'nothing', ...wanted };
  const { now, everyMs } = options;
  if (told === null || !isSame(told, wanted)) return { do: 'send', told: changedTo(wanted, told, now) };
  const { gaveUp, retryAt, sure, sentAt, state } = told;
  if (gaveUp) return { do: 'nothing', why: 'gave-up', until: null };
  if (retryAt !== null && now < retryAt) return { do: 'nothing', why: 'failed', until: retryAt };
  const againAt = everyMs === null || state !== 'firing' ? Infinity : sentAt + everyMs;
  if (sure && retryAt === null && now < againAt)
    return { do: 'nothing', why: 'told', until: againAt === Infinity ? null : againAt };
  return { do: 'send', told: { ...told, sentAt: now } };
}

/** After the receiver took it. */
export function taken(told: Told): Told {
  return { ...told, before: null, sure: true, failures: 0, failingSince: null, retryAt: null };
}

/** After it failed: `pauseMs` is what the receiver asked for, null where it asked for nothing. */
export function failedOnce(told: Told, now: number, pauseMs: number | null): Told {
  const failingSince = told.failingSince ?? now;
  const ownMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(told.failures, 20));
  return {
    ...told,
    failures: told.failures + 1,
    failingSince,
    retryAt: now + Math.max(ownMs, pauseMs ?? 0),
    gaveUp: now - failingSince >= givesUpAfterMs,
  };
}

/** After the receiver refused it: the same thing would be refused again. */
export function refused(told: Told): Told {
  return { ...told, gaveUp: true };
}

/** How bad an incident is; null while nobody knows. */
function severityOf({ impact, explained }: Loaded['incident']): Severity | null {
  return impact?.severity ?? (explained === null ? null : usualSeverity);
}

interface Wanted {
  readonly state: AlarmState;
  readonly severity: Severity;
}

function wantedState(
  loaded: Loaded,
  told: Told | null,
  { from, takesAcknowledged, now }: SendOptions,
): Wanted | { readonly why: NoSend; readonly until: number | null } {
  const { incident, tally } = loaded;
  if (isTest(incident.trigger)) return { why: 'test', until: null };
  const { acknowledged, silence } = incident;
  const result = resultSinceLastKill(incident, tally);
  // Time that was bought runs out.
  const isOver = incident.state.is === 'closed' || (result !== null && result.state !== 'bought-time');
  if (isOver) return told === null ? { why: 'over', until: null } : { state: 'resolved', severity: told.severity };
  const known = severityOf(incident);
  if (told !== null && told.state !== 'resolved') {
    if (known !== null && !isAtLeast(told.severity, known)) return { state: 'firing', severity: known };
    const isTaken = takesAcknowledged && acknowledged !== null && acknowledged.at >= told.since;
    // A new severity has to arrive before the next thing is said.
    const isCertain = told.state !== 'firing' || told.before === null;
    return { state: isTaken && isCertain ? 'acknowledged' : 'firing', severity: told.severity };
  }
  if (isSilent(incident, now)) return { why: 'silenced', until: silence?.until ?? null };
  if (firstTrigger(loaded).kind === 'ahead') return { why: 'ahead', until: null };
  const knownBy = incident.openedAt + unknownMs;
  if (known === null && now < knownBy) return { why: 'unknown', until: knownBy };
  const severity = known ?? usualSeverity;
  if (!reaches(severity, from)) return { why: 'below', until: null };
  if (acknowledged !== null && acknowledged.at >= tally.lastAt) return { why: 'acknowledged', until: null };
  if (now - tally.lastAt > freshMs) return { why: 'old', until: null };
  return { state: 'firing', severity };
}

function isSame(told: Told, wanted: Wanted): boolean {
  return told.state === wanted.state && told.severity === wanted.severity;
}

function changedTo({ state, severity }: Wanted, told: Told | null, now: number): Told {
  const open = told !== null && told.state !== 'resolved' ? told : null;
  const isRaised = open !== null && open.severity !== severity;
  return {
    state,
    severity,
    before: isRaised ? open.severity : null,
    since: open?.since ?? (state === 'resolved' ? (told?.since ?? now) : now),
    sentAt: now,
    sure: false,
    failures: 0,
    failingSince: null,
    retryAt: null,
    gaveUp: false,
  };
}
