import type { types } from '@slack/bolt';
import { mostKilled, sharedBy, type Shared, type StormMember } from '../../../core/incident/storm.ts';
import { downtimeWords } from '../../../core/talk/downtime-words.ts';
import { clockTime } from '../../../core/talk/words.ts';
import { formatBytes } from '../../../core/units/quantity.ts';
import type { StormPageView, StormView } from '../../../flow/show/needs.ts';
import { permalink } from '../place.ts';
import { encodeButtonValue } from './button-value.ts';
import type { ButtonId } from './button-value.ts';
import { context, section, withoutFormat } from './elements.ts';
import { escapeLine, mention } from './escape.ts';
import { fit, fitBlocks, limits } from './fit.ts';
import { killWords } from '../../../core/talk/kill-words.ts';
import type { Message } from './root.ts';
import { roughDuration } from '../../../core/units/duration.ts';

const TOP = 5;
/** Twenty of them fit into one message. */
const LINE = 350;

/** `https://acme.slack.com/`, where the workspace is; null where it is not known. */
export interface StormOptions {
  readonly teamUrl: string | null;
}

/** The root of a storm: what its incidents share, how many there are, and which were killed most. */
export function renderStorm({ id, members, moved, away }: StormView, options: StormOptions): Message {
  const shared = sharedBy(members);
  const top = mostKilled(members, TOP);
  const title = headline(members, shared, away !== null);
  const facts = sharedLines(shared, members.length);
  const heading = `*Killed most${members.length > TOP ? ` (${TOP} of ${members.length})` : ''}:*`;
  // Roughly when it is read: times of another day are shown with their date.
  const today = Math.max(away?.until ?? 0, ...members.map(({ lastAt }) => lastAt));
  const print = smallPrint(id, members, today);
  const notes = [
    away === null ? null : `These were killed ${downtimeWords(away, today)}.`,
    moved === null ? null : escapeLine(moved),
  ].filter((note) => note !== null);
  const blocks = [
    section(`${title}\n${facts}`),
    section(heading),
    ...top.map((member) => lineSection(member, killsLine(member), options)),
    ...notes.map((line) => context(line)),
    context(print),
  ];
  const text = withoutFormat([title, facts, heading, ...top.map(killsLine), ...notes, print].join('\n'));
  return { text: fit(text, limits.text), blocks: fitBlocks(blocks), metadata: stormMetadata(id, members) };
}

/** Some of a storm's incidents, one a line, each with a button that gives it a thread of its own. */
export function renderStormPage({ id, members, page }: StormPageView, options: StormOptions): Message {
  const today = Math.max(...members.map(({ killedAt }) => killedAt));
  const lines = members.map((member) => memberLine(member, today));
  return {
    text: fit(withoutFormat(lines.join('\n')), limits.text),
    blocks: fitBlocks(members.map((member) => lineSection(member, memberLine(member, today), options))),
    metadata: pageMetadata(id, page),
  };
}

/** Posted once below a root that Slack no longer allows to be edited. */
export function renderStormContinues(id: string): Message {
  const text =
    'Slack no longer lets the first message of this storm be edited, so its numbers stay as they are. The lists in this thread go on.';
  return { text, blocks: [section(text)], metadata: pageMetadata(id, 'continued') };
}

/** The metadata by which the root is found again if it is not known whether it was posted. */
function stormMetadata(id: string, members: readonly StormMember[]): types.MessageMetadata {
  const open = members.some((member) => member.open);
  return {
    event_type: 'oomkeeper_storm',
    event_payload: { storm: id, incidents: members.length, kills: killsOf(members), open },
  };
}

function pageMetadata(id: string, page: string): types.MessageMetadata {
  return { event_type: 'oomkeeper_storm_page', event_payload: { storm: id, page } };
}

/** `:red_circle: *Storm* 40 incidents · 38 of 40 on node worker-3` */
function headline(members: readonly StormMember[], [first]: readonly Shared[], isSummary: boolean): string {
  const about = isSummary ? 'While I was away' : 'Storm';
  const closed = isSummary ? 'Closed, from while I was away' : 'Closed storm';
  const look = members.some(({ open }) => open) ? `:red_circle: *${about}*` : `:white_circle: *${closed}*`;
  const what = first === undefined ? 'nothing shared' : sharedWords(first, members.length);
  return `${look} ${members.length === 1 ? '1 incident' : `${members.length} incidents`} · ${what}`;
}

function sharedLines(shared: readonly Shared[], total: number): string {
  if (shared.length === 0) return 'They share no rollout, image, node or namespace.';
  return shared.map((one) => `• ${sharedWords(one, total)}`).join('\n');
}

function sharedWords({ by, name, count }: Shared, total: number): string {
  const words: Readonly<Record<Shared['by'], string>> = {
    rollout: 'of rollout',
    image: 'with image',
    node: 'on node',
    namespace: 'in namespace',
  };
  return `${count} of ${total} ${words[by]} ${escapeLine(name)}`;
}

function smallPrint(id: string, members: readonly StormMember[], today: number): string {
  const kills = killsOf(members);
  const first = Math.min(...members.map(({ killedAt }) => killedAt));
  const last = Math.max(...members.map(({ lastAt }) => lastAt));
  const own = members.filter((member) => member.own !== null).length;
  const closed = members.filter(({ open }) => !open).length;
  const parts = [
    id,
    kills === 1 ? '1 kill' : `${kills} kills`,
    first === last
      ? `at ${clockTime(last, today)}`
      : `from ${clockTime(first, today)} to ${clockTime(last, today)} (${roughDuration(last - first)})`,
    own === 0 ? null : `${own} with a thread of their own`,
    closed === 0 ? null : `${closed} closed`,
    'all incidents are listed in the thread',
  ];
  return parts.filter((part) => part !== null).join(' · ');
}

function lineSection(member: StormMember, line: string, { teamUrl }: StormOptions): types.SectionBlock {
  const { own, incident, subject } = member;
  if (own === null) {
    const value = encodeButtonValue({ cluster: subject.cluster, incident, plan: null, version: 0 });
    return section(fit(line, LINE), {
      type: 'button',
      action_id: 'open-incident' satisfies ButtonId,
      text: { type: 'plain_text', text: 'Open thread', emoji: false },
      accessibility_label: fit(`Open a thread for ${incident}`, limits.buttonText),
      value,
    });
  }
  const url = permalink(teamUrl, own.root);
  const link = url === null ? 'its own thread' : `<${url}|its own thread>`;
  return section(`${fit(line, LINE)}\n${mention(own.openedBy)} opened ${link}.`);
}

/** `× 12 · *checkout* (app) · prod/shop · INC-7F3K` */
function killsLine(member: StormMember): string {
  return `${member.kills === 0 ? 'warned of' : `× ${member.kills}`} · ${whose(member)}`;
}

function memberLine(member: StormMember, today: number): string {
  const { kind, suspect, killedAt, limitBytes, node, open } = member;
  const parts = [
    whose(member),
    `${suspect ? 'Perhaps ' : ''}${killWords[kind]} at ${clockTime(killedAt, today)}`,
    limitBytes === null ? 'no limit' : `limit ${formatBytes(limitBytes)}`,
    node === null ? null : `node ${escapeLine(node)}`,
    open ? null : 'closed',
  ];
  return parts.filter((part) => part !== null).join(' · ');
}

function whose({ subject, incident }: StormMember): string {
  const { cluster, namespace, workload, container } = subject;
  const place = [cluster, namespace].filter((part) => part !== null).join('/');
  const inside = container === null ? '' : ` (${fit(escapeLine(container), 60)})`;
  return `*${fit(escapeLine(workload.name), 100)}*${inside} · ${fit(escapeLine(place), 120)} · ${incident}`;
}

function killsOf(members: readonly StormMember[]): number {
  return members.reduce((sum, { kills }) => sum + kills, 0);
}
