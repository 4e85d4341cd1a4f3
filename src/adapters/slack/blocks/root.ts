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
import type { Plan } from '../../../core/remediate/plan.ts';
import { downtimeWords } from '../../../core/talk/downtime-words.ts';
import { aboutTime, clockTime } from '../../../core/talk/words.ts';
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
import { percent } from '../../../core/units/percent.ts';
import { roughDuration, minuteMs } from '../../../core/units/duration.ts';

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
  const buttons = rootButtons(loaded, standing);
  const paused = pauseLine(incident, pause, loaded.tally.lastAt);
  const blocks = [
    section(headline(loaded, standing), rootMenu(loaded, standing)),
    ...lines.slice(1, 2).map((line) => section(line)),
    fieldSection(incident.explained === null ? firstFields(loaded) : explainedFields(loaded, standing)),
    ...lines.slice(2).map((line) => section(line)),
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
  const first = [said, impactLine(incident)].filter((line) => line !== null);
  if (first.length > 0) lines.push(first.join('\n'));
  if (incident.explained !== null && showsAdvice(standing)) lines.push(adviceLine(incident.explained));
  if (status !== null) lines.push(status);
  return lines;
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
    return `*No alert about it fires since ${clockTime(over)}.* One that fires again until ${aboutTime(over + alertsRestMs, over)} stands in this thread.`;
  return `*${escapeLine(warningSentence(warned.warning, warned.limitInForceBytes ?? warned.limitBytes))}*`;
}

/** Once something was done, that matters more than the advice. */
function showsAdvice({ moment }: Standing): boolean {
  return !['applied', 'verifying', 'held', 'held-so-far', 'overshot', 'bought-time', 'closed'].includes(moment);
}

function firstFields(loaded: Loaded): readonly Field[] {
  const { tally } = loaded;
  const latest = latestTrigger(loaded);
  // For a node, the headline names it.
  if (isOfNode(latest)) return [['Kills', killsWords(tally)]];
  return [
    ['Container', containerWords(latest)],
    ['Limit', latest.limitBytes === null ? 'none' : formatBytes(latest.limitBytes)],
    ['Kills', killsWords(tally)],
    ['Node', escapeLine(latest.node ?? 'unknown')],
  ];
}

function explainedFields({ incident, tally }: Loaded, { remediation }: Standing): readonly Field[] {
  const latest = latestTrigger({ incident, tally });
  const explained = incident.explained;
  const verdict = explained?.diagnosis.hypotheses[0];
  const fields: Field[] = [['Kills', killsWords(tally)]];
  if (!isOfNode(latest)) fields.push(['Last sample / limit', sampleWords(explained, latest)]);
  if (remediation !== null) {
    fields.push(['Current → proposed', proposedWords(remediation.plan)]);
  }
  if (verdict !== undefined) fields.push(['Confidence', `${percent(verdict.confidence)} (${verdict.cause})`]);
  if (!isOfNode(latest))
    fields.push(['Container', containerWords(latest)], ['Node', escapeLine(latest.node ?? 'unknown')]);
  return fields;
}

function proposedWords({ from, to, env, rollBack }: Plan): string {
  if (rollBack) return `revision ${escapeLine(rollBack.toRevision)} again`;
  const flags = env.map(({ name }) => ` and ${escapeLine(name)}`).join('');
  return `${sizeWords(from)} → ${sizeWords(to)}${flags}`;
}

/** Never "peak": scrapes miss spikes, and usage cannot exceed the limit. */
function sampleWords(explained: Explained | null, latest: Trigger): string {
  const limit = latest.limitInForceBytes ?? latest.limitBytes;
  const of = limit === null ? 'no limit' : `limit ${formatBytes(limit)}`;
  const sample = explained?.lastSample ?? null;
  if (sample === null) return `no sample; ${of}`;
  if (latest.kind === 'ahead') return `${formatBytes(sample.bytes)}; ${of}`;
  return `${formatBytes(sample.bytes)}, ${roughDuration(sample.beforeKillMs)} before the kill; ${of}`;
}

function containerWords({ subject, containerType }: Trigger): string {
  const type = containerType === null || containerType === 'container' ? '' : ` (${containerType})`;
  return subject.container === null ? 'the whole pod' : `${escapeLine(subject.container)}${type}`;
}

function killsWords({ count, firstAt, lastAt, recent }: Tally): string {
  if (count === 0) return `none; warned of at ${clockTime(lastAt)}`;
  const least = recent.some(({ unseenRestarts = 0 }) => unseenRestarts > 0) ? 'at least ' : '';
  if (count <= 1) return `${least}1, at ${clockTime(lastAt)}`;
  return `${least}× ${count}, from ${clockTime(firstAt, lastAt)} to ${clockTime(lastAt)}`;
}

function smallPrint({ incident, tally }: Loaded, { moment }: Standing): string {
  const parts = [moment === 'announced' ? 'collecting evidence' : null, incident.id, clockTime(tally.lastAt)];
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
  const { incident } = loaded;
  const fields = incident.explained === null ? firstFields(loaded) : explainedFields(loaded, standing);
  const facts = fields.map(([name, value]) => `${name}: ${value}`).join('; ');
  return fit(withoutFormat([...lines, facts, smallPrint(loaded, standing)].join('\n')), limits.text);
}
