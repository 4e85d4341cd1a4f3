import type { types } from '@slack/bolt';
import type { Pause } from '../../../core/approve/policy.ts';
import type { Loaded, Remediation } from '../../../core/incident/incident.ts';
import { warningOf } from '../../../core/incident/triggers.ts';
import { severityWords } from '../../../core/notify/impact-words.ts';
import { changeWords } from '../../../core/talk/plan-words.ts';
import { standingOf } from '../../../core/talk/moment.ts';
import { section } from './elements.ts';
import { escapeLine, mention, plainText } from './escape.ts';
import { fit, limits } from './fit.ts';
import { headline } from './headline.ts';
import { impactLine } from './impact-line.ts';
import { pauseLine } from './pause-line.ts';
import { approveButton, rejectButton, rejectConfirm } from './root-buttons.ts';
import { slackTime } from './slack-date.ts';

/** An incident in a Home tab: whether more than its name may be shown, and the address of its thread if it has one. */
export interface HomeIncident extends Pick<Loaded, 'incident' | 'tally'> {
  readonly namesOnly: boolean;
  readonly url: string | null;
}

/** Forty of them, and what else there is, stay far below the 250 kB that a view may have. */
const longest = 900;

/** A request that waits for the reader, and the pause of its cluster. */
export interface Waiting {
  readonly shown: HomeIncident;
  readonly remediation: Remediation;
  readonly pause: Pause | null;
}

/** What it is, and the buttons that decide. `today`: ms UTC. */
export function waitingBlocks(
  { shown, remediation, pause }: Waiting,
  today: number,
): readonly (types.SectionBlock | types.ActionsBlock)[] {
  const { incident, namesOnly } = shown;
  const { plan, requested, expiresAt } = remediation;
  const { cluster, namespace, workload } = incident.subject;
  const place = escapeLine([cluster, namespace].filter((part) => part !== null).join('/'));
  const whose = `*${escapeLine(workload.name)}* · ${place}`;
  const asked = requested === null ? null : `${mention(requested.by)} asked ${slackTime(requested.at)}`;
  const until = expiresAt === null ? null : `expires ${slackTime(expiresAt)}`;
  const when = [asked, until].filter((part) => part !== null).join('; ');
  if (namesOnly)
    return [
      linesOf([
        `:large_yellow_circle: ${whose}`,
        when,
        'What is asked for is only shown in its channel.',
        linkOf(shown),
      ]),
    ];
  const verdict = incident.explained?.diagnosis.hypotheses[0]?.sentence ?? null;
  const change = changeWords(plan);
  const label = (verb: string) => fit(plainText(`${verb} ${change} for ${workload.name}`), limits.buttonText);
  return [
    linesOf([
      `:large_yellow_circle: *${escapeLine(change)}*${plan.purpose === 'mitigation' ? ' to buy time' : ''} for ${whose}`,
      when,
      verdict === null ? null : escapeLine(verdict),
      impactLine(incident),
      pauseLine(incident, pause, today),
      linkOf(shown),
    ]),
    {
      type: 'actions',
      block_id: fit(`decide-${cluster}-${incident.id}-${plan.id}`, limits.blockId),
      elements: [
        { ...approveButton(incident, remediation, pause === null), accessibility_label: label('Approve') },
        {
          ...rejectButton(incident, remediation),
          accessibility_label: label('Reject'),
          confirm: rejectConfirm(remediation),
        },
      ],
    },
  ];
}

/** An open incident in two or three lines. */
export function openBlock(shown: HomeIncident): types.SectionBlock {
  const { incident, tally, namesOnly } = shown;
  const loaded = { incident, tally, requests: [] };
  const severity = incident.impact === null ? null : severityWords(incident.impact.severity);
  const kills = tally.count === 1 ? '1 kill,' : `${tally.count} kills, last`;
  const facts = [
    severity,
    `${warningOf(loaded) === null ? kills : 'warned of'} ${slackTime(tally.lastAt)}`,
    incident.id,
    linkOf(shown),
  ];
  const verdict = namesOnly
    ? 'Its cause is only shown in its own channel.'
    : (incident.explained?.diagnosis.hypotheses[0]?.sentence ?? 'collecting evidence');
  return linesOf([
    headline(loaded, standingOf(incident)),
    escapeLine(verdict),
    facts.filter((part) => part !== null).join(' · '),
  ]);
}

function linesOf(lines: readonly (string | null)[]): types.SectionBlock {
  return section(fit(lines.filter((line) => line !== null && line !== '').join('\n'), longest));
}

function linkOf({ url }: HomeIncident): string | null {
  return url === null ? null : `<${url}|Open thread>`;
}
