import type { types } from '@slack/bolt';
import type { Explained, Loaded, Tally } from '../../../core/incident/incident.ts';
import { alertsOverSince, alertsRestMs } from '../../../core/incident/alerts-over.ts';
import { isSilent } from '../../../core/incident/is-silent.ts';
import { firstTrigger, latestTrigger, warningOf } from '../../../core/incident/triggers.ts';
import type { Trigger } from '../../../core/kill/trigger.ts';
import { warningSentence } from '../../../core/incident/warning.ts';
import { isOfNode, subjectKey } from '../../../core/kill/kill.ts';
import { type Standing, standingOf } from '../../../core/talk/moment.ts';
import type { Pause } from '../../../core/approve/policy.ts';
import { changesFlagsOnly } from '../../../core/remediate/plan.ts';
import type { Plan } from '../../../core/remediate/plan.ts';
import { testSentence } from '../../../core/test-kill/test-words.ts';
import type { Hypothesis } from '../../../core/diagnose/diagnosis.ts';
import { downtimeWords } from '../../../core/talk/downtime-words.ts';
import { aboutTime, clockTime, counted } from '../../../core/talk/words.ts';
import { formatBytes } from '../../../core/units/quantity.ts';
import { adviceLine, sizeWords } from './advice-line.ts';
import { context, fieldSection, section, withoutFormat } from './elements.ts';
import { escapeLine, mention } from './escape.ts';
import { pauseLine } from './pause-line.ts';
import { fit, fitBlocks, limits } from './fit.ts';
import { headline } from './headline.ts';
import { deployedWords, impactLine, linkWords } from './impact-line.ts';
import { rootButtons, rootMenu } from './root-buttons.ts';
import { statusLine } from './status-line.ts';
import { roughDuration, minuteMs } from '../../../core/units/duration.ts';
import { limitAt } from '../../../core/kill/limit-at.ts';

/** A message for the Web API. `text` has everything, for notifications and screen readers. */
export interface Message {
  readonly text: string;
  readonly blocks: types.KnownBlock[];
  /** The same in classic blocks, if `blocks` has newer ones that not every Slack plan supports. */
  readonly classic?: types.KnownBlock[];
  readonly metadata: types.MessageMetadata;
}

type Field = readonly [name: string, mrkdwn: string];

/** A kill that is seen this much later than it happened counts as reported late. */
const LATE_MS = minuteMs;

/** The root message of an incident. It depends on the stored state alone, so that two bots render the same message. */
export function renderRoot(loaded: Loaded, pause: Pause | null = null): Message {
  const { incident } = loaded;
  const standing = standingOf(incident);
  const lines = rootLines(loaded, standing);
  const paused = pauseLine(incident, pause, loaded.tally.lastAt);
  const buttons = rootButtons(loaded, standing, paused !== null);
  const blocks = [
    section(headline(loaded, standing), rootMenu(loaded, standing)),
    ...lines.slice(1).map((line) => section(line)),
    fieldSection(fieldsOf(loaded, standing)),
    ...(buttons === null ? [] : [buttons]),
    ...(paused === null ? [] : [context(paused)]),
    context(smallPrint(loaded, standing), ...linkWords(incident)),
  ] satisfies types.KnownBlock[];
  return {
    text: fallbackText(loaded, standing, [...lines, ...(paused === null ? [] : [paused])]),
    blocks: fitBlocks(blocks),
    metadata: rootMetadata(loaded),
  };
}

/** The metadata by which this message is found again if we do not know whether it was posted. */
function rootMetadata({ incident, tally }: Loaded): types.MessageMetadata {
  return {
    event_type: 'oomkeeper_incident',
    event_payload: {
      cluster: incident.subject.cluster,
      subject: fit(subjectKey(incident.subject), 600),
      incident: incident.id,
      version: incident.version,
      open: incident.state.is === 'open',
      kills: tally.count,
      verdict: incident.explained?.diagnosis.hypotheses[0]?.cause ?? '',
      fix: incident.explained?.recommendation.fix.kind ?? '',
      last_fingerprint: fit(latestTrigger({ incident, tally }).fingerprint, 300),
    },
  };
}

/** Headline, verdict, advice and what was done, as far as there are any. */
function rootLines(loaded: Loaded, standing: Standing): readonly string[] {
  const { incident } = loaded;
  const verdict = incident.explained?.diagnosis.hypotheses[0];
  const status = statusLine(incident, standing);
  const lines = [headline(loaded, standing)];
  const warned = warningLine(loaded);
  const said = warned ?? (verdict === undefined ? null : `*${escapeLine(verdict.sentence)}*`);
  const { test } = firstTrigger(loaded);
  const first = (test === undefined ? [said, impactLine(incident)] : testLines(test, verdict)).filter(
    (line) => line !== null,
  );
  if (first.length > 0) lines.push(first.join('\n'));
  if (incident.explained !== null && test === undefined && showsAdvice(standing))
    lines.push(adviceLine(incident.explained, limitAt(latestTrigger(loaded))));
  if (status !== null) lines.push(status);
  return lines;
}

/** What a test is comes before what was found. Nobody depends on its pod, so it has no impact. */
function testLines(test: string, verdict: Hypothesis | undefined): readonly string[] {
  const found = verdict === undefined ? [] : [`What I would say of a real one: ${escapeLine(verdict.sentence)}`];
  return [`*${escapeLine(testSentence(test))}*`, ...found];
}

/** The warning, while there is neither a kill nor a better verdict. */
function warningLine(loaded: Loaded): string | null {
  const { explained, state } = loaded.incident;
  const warned = warningOf(loaded);
  if (warned === null || state.is === 'closed') return null;
  const cause = explained?.diagnosis.hypotheses[0]?.cause ?? 'inconclusive';
  if (cause !== 'inconclusive') return null;
  const over = alertsOverSince(loaded);
  if (over !== null)
    return `*No alert about it fires since ${clockTime(over)}.* One that fires again until ${aboutTime(over + alertsRestMs, over)} is added to this thread.`;
  return `*${escapeLine(warningSentence(warned.warning, limitAt(warned)))}*`;
}

/** Once something was done, that matters more than the advice, until it is killed again all the same. */
function showsAdvice({ moment, remediation }: Standing): boolean {
  const kept = remediation?.promise?.kept ?? 'did-not-come';
  if (moment === 'bought-time' && kept !== 'did-not-come') return true;
  return !['applied', 'verifying', 'held', 'held-so-far', 'overshot', 'bought-time', 'closed'].includes(moment);
}

/** At most four: what is not on this page is in the thread. */
function fieldsOf({ incident, tally }: Loaded, { remediation }: Standing): readonly Field[] {
  const latest = latestTrigger({ incident, tally });
  const fields: Field[] = [['Kills', killsWords(tally)]];
  // For a node, the headline names it.
  if (isOfNode(latest)) return fields;
  if (incident.explained === null) fields.push(['Limit', limitWords(latest)]);
  else
    fields.push([
      latest.kind === 'ahead' ? 'Memory' : 'Memory before the kill',
      sampleWords(incident.explained, latest),
    ]);
  if (remediation !== null) fields.push(['Change', proposedWords(remediation.plan)]);
  return fields;
}

function proposedWords(plan: Plan): string {
  const { from, to, env, rollBack } = plan;
  if (rollBack) return `revision ${escapeLine(rollBack.toRevision)} again`;
  const names = env.map(({ name }) => escapeLine(name)).join(' and ');
  if (changesFlagsOnly(plan)) return names;
  const flags = names === '' ? '' : ` and ${names}`;
  return `${sizeWords(from)} → ${sizeWords(to)}${flags}`;
}

/** `186Mi of 192Mi, 7 s before`. Never "peak": scrapes miss spikes, and usage cannot exceed the limit. */
function sampleWords({ lastSample }: Explained, latest: Trigger): string {
  if (lastSample === null) return `not measured (limit ${limitWords(latest)})`;
  const of = latest.limitBytes === null ? ', no limit' : ` of ${limitWords(latest)}`;
  const before = latest.kind === 'ahead' ? '' : `, ${roughDuration(lastSample.beforeKillMs)} before`;
  return `${formatBytes(lastSample.bytes)}${of}${before}`;
}

function limitWords(trigger: Trigger): string {
  const limit = limitAt(trigger);
  return limit === null ? 'none' : formatBytes(limit);
}

function containerWords({ subject, containerType }: Trigger): string {
  const type = containerType === null || containerType === 'container' ? '' : ` (${containerType})`;
  return subject.container === null ? 'the whole pod' : `container ${escapeLine(subject.container)}${type}`;
}

function killsWords({ count, lastAt, recent }: Tally): string {
  if (count === 0) return `none yet, warned at ${clockTime(lastAt)}`;
  const unseen = recent.reduce((sum, { unseenRestarts = 0 }) => sum + unseenRestarts, 0);
  const seen = unseen === 0 ? `${count}` : `${count} seen (${counted(unseen, 'restart')} before)`;
  return `${seen}, ${count === 1 ? 'at' : 'last'} ${clockTime(lastAt)}`;
}

function smallPrint({ incident, tally }: Loaded, { moment }: Standing): string {
  const latest = latestTrigger({ incident, tally });
  const parts = [moment === 'announced' ? 'collecting evidence' : null, incident.id];
  if (!isOfNode(latest)) {
    parts.push(containerWords(latest));
    if (latest.node !== null) parts.push(`node ${escapeLine(latest.node)}`);
  }
  if (incident.silence !== null && isSilent(incident, tally.lastAt)) {
    const { scope, by, until } = incident.silence;
    parts.push(
      `${scope === 'incident' ? 'snoozed' : 'ignored'} by ${mention(by)} until ${clockTime(until, tally.lastAt)}`,
    );
  }
  if (incident.previous !== null) parts.push(`seen before: ${escapeLine(incident.previous)}`);
  parts.push(deployedWords(incident), lateWords(firstTrigger({ incident, tally }), tally.lastAt));
  if (incident.mode === 'observe') parts.push('observe-only: no button changes anything in the cluster');
  return parts.filter((part) => part !== null).join(' · ');
}

/** When the first kill happened, if it was reported late. */
function lateWords(trigger: Trigger, today: number): string | null {
  if (trigger.kind === 'ahead') return null;
  const { seenAt: seenByUs, clusterAheadMs = 0, finishedAt, away } = trigger;
  const seenAt = seenByUs + clusterAheadMs;
  const at = finishedAt === null ? seenAt : Date.parse(finishedAt);
  if (away !== null) return `killed at ${clockTime(at, today)} ${downtimeWords(away, today)}`;
  return seenAt - at > LATE_MS ? `killed at ${clockTime(at, today)}, seen at ${clockTime(seenAt, today)}` : null;
}

function fallbackText(loaded: Loaded, standing: Standing, lines: readonly string[]): string {
  const facts = fieldsOf(loaded, standing)
    .map(([name, value]) => `${name}: ${value}`)
    .join('; ');
  return fit(withoutFormat([...lines, facts, smallPrint(loaded, standing)].join('\n')), limits.text);
}
