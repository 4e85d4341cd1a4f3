import type { types } from '@slack/bolt';
import type { StormMember } from '../../../core/incident/storm.ts';
import { killWords } from '../../../core/talk/kill-words.ts';
import { causeWords } from '../../../core/talk/storm-words.ts';
import { clockTime } from '../../../core/talk/words.ts';
import { formatBytes } from '../../../core/units/quantity.ts';
import type { StormPageView } from '../../../flow/show/needs.ts';
import { permalink } from '../place.ts';
import { encodeButtonValue } from './button-value.ts';
import type { ButtonId } from './button-value.ts';
import { context, section, withoutFormat } from './elements.ts';
import { escapeLine, mention, plainText } from './escape.ts';
import { fit, fitBlocks, limits } from './fit.ts';
import type { Message } from './root.ts';
import { table } from './table.ts';
import type { Cell } from './table.ts';

/** The menu that gives one of the listed incidents a thread. */
export const openListed = 'open-listed';

/** Twenty of them fit into one message. */
const LINE = 350;

/** `https://acme.slack.com/`, where the workspace is; null where it is not known. */
export interface StormOptions {
  readonly teamUrl: string | null;
}

const columns = [
  { name: 'Workload' },
  { name: 'Incident' },
  { name: 'Severity' },
  { name: 'Cause' },
  { name: 'Limit', align: 'right' },
  { name: 'Where' },
] as const;

/**
 * Some of a storm's incidents: a row each, those with a thread of their own linked, and one menu that gives any other a
 * thread. Where there are no tables, a line each with a button.
 */
export function renderStormPage({ id, members, page }: StormPageView, options: StormOptions): Message {
  const today = Math.max(...members.map(({ killedAt }) => killedAt));
  const lines = members.map((member) => memberLine(member, today));
  const opened = members.flatMap((member) => (member.own === null ? [] : [openedLine(member, options)]));
  const menu = openMenu(members.filter(({ own }) => own === null));
  return {
    text: fit(withoutFormat(lines.join('\n')), limits.text),
    blocks: fitBlocks([
      table(
        columns,
        members.map((member) => row(member, options)),
      ),
      ...(opened.length === 0 ? [] : [context(...inParts(opened))]),
      ...(menu === null ? [] : [menu]),
    ]),
    classic: fitBlocks(members.map((member) => lineSection(member, memberLine(member, today), options))),
    metadata: pageMetadata(id, page),
  };
}

export function pageMetadata(id: string, page: string): types.MessageMetadata {
  return { event_type: 'oomkeeper_storm_page', event_payload: { storm: id, page } };
}

/** A line with a button that gives its incident a thread, or with a link to the thread that it has. */
export function lineSection(member: StormMember, line: string, options: StormOptions): types.SectionBlock {
  const { own, incident } = member;
  if (own !== null) return section(`${fit(line, LINE)}\n${openedLine(member, options)}`);
  return section(fit(line, LINE), {
    type: 'button',
    action_id: 'open-incident' satisfies ButtonId,
    text: { type: 'plain_text', text: 'Open thread', emoji: false },
    accessibility_label: fit(`Open a thread for ${incident}`, limits.buttonText),
    value: valueOf(member),
  });
}

/** `*checkout* (app) · prod/shop · INC-7F3K` */
export function whose({ subject, incident }: StormMember): string {
  const { workload, container } = subject;
  const inside = container === null ? '' : ` (${fit(escapeLine(container), 60)})`;
  return `*${fit(escapeLine(workload.name), 100)}*${inside} · ${fit(escapeLine(placeOf(subject)), 120)} · ${incident}`;
}

function row(member: StormMember, { teamUrl }: StormOptions): readonly Cell[] {
  const { subject, own, incident, severity, verdict, limitBytes, open } = member;
  const { workload, container } = subject;
  const text = container === null ? workload.name : `${workload.name} (${container})`;
  const url = permalink(teamUrl, own?.root ?? null);
  return [
    url === null ? text : { text, url },
    url === null ? incident : { text: incident, url },
    open ? (severity ?? '') : 'closed',
    verdict === null ? '' : causeWords[verdict],
    limitBytes === null ? 'none' : formatBytes(limitBytes),
    placeOf(subject),
  ];
}

/** Null where each has a thread. */
function openMenu(members: readonly StormMember[]): types.SectionBlock | null {
  if (members.length === 0) return null;
  const text = 'To see evidence and buttons of one of them, open a thread for it:';
  return {
    type: 'section',
    text: { type: 'mrkdwn', text, verbatim: true },
    accessory: {
      type: 'static_select',
      action_id: openListed,
      placeholder: { type: 'plain_text', text: 'Open a thread for…', emoji: false },
      options: members.map((member) => ({
        text: { type: 'plain_text', text: optionText(member), emoji: false },
        value: valueOf(member),
      })),
    },
  };
}

/** The id tells those apart whose names are cut. */
function optionText({ incident, subject }: StormMember): string {
  const name = plainText(subject.workload.name).replaceAll(/\s+/g, ' ').trim();
  return `${fit(name, limits.optionText - incident.length - 3)} · ${incident}`;
}

function valueOf({ incident, subject }: StormMember): string {
  return encodeButtonValue({ cluster: subject.cluster, incident, plan: null, version: 0 });
}

/** `@amira opened INC-7F3K in its own thread.` */
function openedLine({ own, incident }: StormMember, { teamUrl }: StormOptions): string {
  if (own === null) return '';
  const url = permalink(teamUrl, own.root);
  const link = url === null ? 'its own thread' : `<${url}|its own thread>`;
  return `${mention(own.openedBy)} opened ${link} (${incident}).`;
}

/** As many as a block of small print may have, the last with all that are left. */
function inParts(lines: readonly string[]): readonly string[] {
  const { contextParts } = limits;
  if (lines.length <= contextParts) return lines;
  return [...lines.slice(0, contextParts - 1), lines.slice(contextParts - 1).join(' ')];
}

function memberLine(member: StormMember, today: number): string {
  const { kind, suspect, killedAt, limitBytes, node, open, verdict } = member;
  const parts = [
    whose(member),
    `${suspect ? 'Perhaps ' : ''}${killWords[kind]} at ${clockTime(killedAt, today)}`,
    verdict === null ? null : causeWords[verdict],
    limitBytes === null ? 'no limit' : `limit ${formatBytes(limitBytes)}`,
    node === null ? null : `node ${escapeLine(node)}`,
    open ? null : 'closed',
  ];
  return parts.filter((part) => part !== null).join(' · ');
}

function placeOf({ cluster, namespace }: StormMember['subject']): string {
  return [cluster, namespace].filter((part) => part !== null).join('/');
}
