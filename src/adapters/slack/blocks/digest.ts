import { bySeverity } from '../../../core/home/worst-first.ts';
import type { Digest, DigestIncident, Undecided } from '../../../core/digest/digest.ts';
import type { Result } from '../../../core/incident/result.ts';
import { killedAtMs } from '../../../core/kill/kill.ts';
import { severityWords } from '../../../core/notify/impact-words.ts';
import { reportLines } from '../../../core/report/report-words.ts';
import { standingOf } from '../../../core/talk/moment.ts';
import { changeWords } from '../../../core/talk/plan-words.ts';
import { hasLimit, whatWouldDecide } from '../../../core/talk/pod-history.ts';
import { aboutTime, clockTime, counted } from '../../../core/talk/words.ts';
import { formatBytes } from '../../../core/units/quantity.ts';
import { permalink } from '../place.ts';
import { answerOf } from './answer.ts';
import { context, section } from './elements.ts';
import { escapeLine } from './escape.ts';
import { fit } from './fit.ts';
import { headline } from './headline.ts';
import type { Message } from './root.ts';
import type { StormOptions } from './storm-page.ts';

/** Of each kind so many are named, the others are counted: seven kinds of them fit into one message. */
const SHOWN = 8;
const longestLine = 220;

interface Part {
  readonly title: string;
  readonly lines: readonly string[];
}

/** What there is to say in a channel once a day. It mentions nobody: who has to act was asked in the thread. */
export function renderDigest(digest: Digest, options: StormOptions): Message {
  const { slot, since, report, undecided } = digest;
  const title = titleOf(digest);
  const sinceLine = `Since yesterday: ${counted(since.incidents, 'new incident')}, ${counted(since.kills, 'kill')}.`;
  const parts: readonly Part[] = [
    { title: 'Open', lines: digest.open.map((one) => openLine(one, slot, options)) },
    {
      title: 'Waiting for approval',
      lines: digest.waiting.map(({ of, remediation: { plan, expiresAt } }) => {
        const until = expiresAt === null ? '' : `, expires ${aboutTime(expiresAt, slot)}`;
        const what = of.namesOnly ? '' : `${escapeLine(changeWords(plan))} for `;
        return `${what}${whose(of)}${until}${linkOf(of, options)}`;
      }),
    },
    {
      title: 'Bought time, not fixed',
      lines: digest.boughtTime.map(({ of, remediation: { promise } }) => {
        const next =
          promise === null
            ? 'nobody knows when the next kill comes'
            : `next kill expected about ${aboutTime(promise.at, slot)}`;
        return `${whose(of)}: ${next}${linkOf(of, options)}`;
      }),
    },
    { title: 'Held since yesterday', lines: digest.held.map(resultLine) },
    { title: 'Killed again since yesterday', lines: digest.failed.map(resultLine) },
    { title: 'May have been memory kills, undecided', lines: undecided.map(suspectLine) },
    { title: 'Report card, last 7 days', lines: report === null ? [] : reportLines(report).map(escapeLine) },
  ];
  const shown = parts.filter(({ lines }) => lines.length > 0).map(partText);
  const notes = [
    ...(digest.open.length === 0 ? [] : [sinceLine]),
    ...(undecided.length === 0 ? [] : ['Undecided exits open no thread until they are decided. More: `/oom why POD`']),
  ];
  return {
    ...answerOf(
      [...[title, ...shown].map((text) => section(text)), ...notes.map((note) => context(note))],
      [title, ...shown, ...notes],
    ),
    metadata: { event_type: 'oomkeeper_digest', event_payload: { slot } },
  };
}

/** `*Daily summary*: 3 open (1 critical), 1 waits for approval, 2 held` */
function titleOf({ open, waiting, boughtTime, held, failed, undecided, report }: Digest): string {
  const severities = bySeverity(open).flatMap(({ severity, count }) =>
    severity === null ? [] : [`${count} ${severity}`],
  );
  const worst = severities.length === 0 ? '' : ` (${severities.join(', ')})`;
  const facts = [
    open.length === 0 ? null : `${open.length} open${worst}`,
    waiting.length === 0 ? null : `${waiting.length} waiting for approval`,
    boughtTime.length === 0 ? null : `${boughtTime.length} with time bought`,
    held.length === 0 ? null : `${held.length} held`,
    failed.length === 0 ? null : `${failed.length} killed again`,
    undecided.length === 0 ? null : `${undecided.length} undecided`,
  ].filter((fact) => fact !== null);
  return `*${report === null ? 'Daily' : 'Weekly'} summary*${facts.length === 0 ? '' : `: ${facts.join(', ')}`}`;
}

function partText({ title, lines }: Part): string {
  const more = lines.length - SHOWN;
  return [
    `*${title}*`,
    ...lines.slice(0, SHOWN).map((line) => `• ${fit(line, longestLine)}`),
    ...(more > 0 ? [`… and ${more} more`] : []),
  ].join('\n');
}

function openLine(one: DigestIncident, slot: number, options: StormOptions): string {
  const { incident, tally } = one;
  const severity = incident.impact === null ? [] : [severityWords(incident.impact.severity)];
  const last = aboutTime(tally.lastAt, slot);
  const kills = tally.count === 0 ? [] : [tally.count === 1 ? `1 kill, ${last}` : `${tally.count} kills, last ${last}`];
  return `${[headline(one, standingOf(incident)), ...severity, ...kills].join(' · ')}${linkOf(one, options)}`;
}

function whose({ incident }: DigestIncident): string {
  const { cluster, namespace, workload } = incident.subject;
  const place = [cluster, namespace].filter((part) => part !== null).join('/');
  return `*${escapeLine(fit(workload.name, 80))}* · ${escapeLine(place)}`;
}

function linkOf({ place }: DigestIncident, { teamUrl }: StormOptions): string {
  const url = permalink(teamUrl, place);
  return url === null ? '' : ` · <${url}|Open thread>`;
}

function resultLine({ subject, limitBytes, incident }: Result): string {
  const { cluster, namespace, workload } = subject;
  const place = [cluster, namespace].filter((part) => part !== null).join('/');
  const at = limitBytes === null ? '' : ` at ${formatBytes(limitBytes)}`;
  return `*${escapeLine(fit(workload.name, 80))}*${at} · ${escapeLine(place)} · ${incident}`;
}

function suspectLine({ kill, why }: Undecided): string {
  const { cluster, namespace } = kill.subject;
  const place = escapeLine([cluster, namespace].filter((part) => part !== null).join('/'));
  const of = `*${escapeLine(fit(kill.pod, 80))}* (${escapeLine(kill.subject.container ?? 'the whole pod')}) · ${place}`;
  const ended = `exit ${kill.exitCode ?? 'without a code'} at ${clockTime(killedAtMs(kill))}`;
  return `${of} · ${ended}: ${escapeLine(why)}. ${whatWouldDecide(hasLimit(kill))}`;
}
