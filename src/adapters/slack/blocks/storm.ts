import type { types } from '@slack/bolt';
import { commonVerdict, openTo, stormImpact } from '../../../core/incident/storm-outlook.ts';
import { sharedBy, worstOf, type Shared, type StormMember } from '../../../core/incident/storm.ts';
import { downtimeWords } from '../../../core/talk/downtime-words.ts';
import { commonVerdictWords, stormAdvice, stormImpactWords } from '../../../core/talk/storm-words.ts';
import { clockTime } from '../../../core/talk/words.ts';
import { hourMs, roughDuration } from '../../../core/units/duration.ts';
import type { StormView } from '../../../flow/show/needs.ts';
import { encodeStormValue } from './button-value.ts';
import type { ButtonId } from './button-value.ts';
import { context, section, withoutFormat } from './elements.ts';
import { escapeLine, mention } from './escape.ts';
import { fit, fitBlocks, limits } from './fit.ts';
import type { Message } from './root.ts';
import { lineSection, pageMetadata, whose, type StormOptions } from './storm-page.ts';

const TOP = 5;
/** Of those who took it. */
const MOST_NAMED = 3;
/** Texts beside which there has to be room for the worst of them. */
const longestText = 600;
/** How long *Snooze all* asks for quiet. */
export const stormSnoozeMs = hourMs;

/**
 * The root of a storm, in the order in which it is read: what happened and what is shared, why, how bad it is, what to do
 * about all of them, and the worst. What they share is said once.
 */
export function renderStorm({ id, members, moved, away }: StormView, options: StormOptions): Message {
  const [first, ...others] = sharedBy(members);
  const shared = first === undefined ? [] : [first, ...others];
  const verdict = commonVerdict(members);
  const title = headline(members, first, away !== null);
  const lines = [
    `*${fit(escapeLine(commonVerdictWords(verdict, members.length)), longestText)}*`,
    named('Impact', stormImpactWords(stormImpact(members))),
    named('What to do', stormAdvice(verdict, shared)),
    others.length === 0 ? null : `*Also shared:* ${others.map((one) => sharedWords(one, members.length)).join(' · ')}`,
  ].filter((line) => line !== null);
  const top = worstOf(members, TOP);
  const heading = `*Worst${members.length > TOP ? ` (${TOP} of ${members.length})` : ''}:*`;
  // Roughly when it is read: times of another day are shown with their date.
  const today = Math.max(away?.until ?? 0, ...members.map(({ lastAt }) => lastAt));
  const print = smallPrint(id, members, today);
  const notes = [
    away === null ? null : `These were killed ${downtimeWords(away, today)}.`,
    moved === null ? null : escapeLine(moved),
  ].filter((note) => note !== null);
  const actions = stormActions(id, members, today);
  const blocks = [
    section([title, ...lines].join('\n')),
    ...(actions === null ? [] : [actions]),
    section(heading),
    ...top.map((member) => lineSection(member, worstLine(member), options)),
    ...notes.map((line) => context(line)),
    context(print),
  ];
  const text = withoutFormat([title, ...lines, heading, ...top.map(worstLine), ...notes, print].join('\n'));
  return { text: fit(text, limits.text), blocks: fitBlocks(blocks), metadata: stormMetadata(id, members) };
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

/** `:red_circle: *Storm* 40 incidents · 38 of 40 on node worker-3` */
function headline(members: readonly StormMember[], first: Shared | undefined, isSummary: boolean): string {
  const about = isSummary ? 'While I was away' : 'Storm';
  const closed = isSummary ? 'Closed, from while I was away' : 'Closed storm';
  const isOpen = members.some(({ open }) => open);
  const isTaken = isOpen && openTo(members, 'acknowledge', 0).length === 0;
  const look = isOpen
    ? `${isTaken ? ':large_orange_circle:' : ':red_circle:'} *${about}*`
    : `:white_circle: *${closed}*`;
  const what =
    first === undefined ? 'no rollout, image, node or namespace in common' : sharedWords(first, members.length);
  const who = isTaken ? ` · ${takenWords(members)}` : '';
  return `${look} ${members.length === 1 ? '1 incident' : `${members.length} incidents`} · ${what}${who}`;
}

/** `@amira and @sam are on it`, of those that are open. */
function takenWords(members: readonly StormMember[]): string {
  const by = [
    ...new Set(members.flatMap(({ open, acknowledged }) => (open && acknowledged !== null ? [acknowledged] : []))),
  ];
  if (by.length > MOST_NAMED) return `${by.length} people are on it`;
  return `${by.map(mention).join(' and ')} ${by.length === 1 ? 'is' : 'are'} on it`;
}

function sharedWords({ by, name, count }: Shared, total: number): string {
  const words: Readonly<Record<Shared['by'], string>> = {
    rollout: 'of rollout',
    image: 'with image',
    node: 'on node',
    namespace: 'in namespace',
  };
  return `${count} of ${total} ${words[by]} ${fit(escapeLine(name), 300)}`;
}

function named(name: string, text: string | null): string | null {
  return text === null ? null : `*${name}:* ${fit(escapeLine(text), longestText)}`;
}

/**
 * For all of them at once, as far as there is something left to do. Whether a silence is over is judged by the time of the
 * last kill, because rendering depends on the stored state alone.
 */
function stormActions(id: string, members: readonly StormMember[], now: number): types.ActionsBlock | null {
  const unseen = openTo(members, 'acknowledge', now).length;
  const loud = openTo(members, 'silence', now).length;
  const elements = [
    ...(unseen === 0
      ? []
      : [
          button(id, 'acknowledge-storm', `Acknowledge all ${unseen}`, {
            title: `Acknowledge ${unseen} incidents?`,
            text: 'Everybody sees that you are on it. Nothing changes in the cluster, and kills are still counted.',
            yes: 'Acknowledge',
          }),
        ]),
    ...(loud === 0
      ? []
      : [
          button(id, 'snooze-storm', `Snooze all ${loud} for ${stormSnoozeMs / hourMs} h`, {
            title: `Snooze ${loud} incidents for everybody?`,
            text: `For ${stormSnoozeMs / hourMs} h nothing new is posted about these incidents, for nobody. Kills are still counted here, and other workloads are still announced.`,
            yes: 'Snooze',
          }),
        ]),
  ];
  return elements.length === 0 ? null : { type: 'actions', block_id: 'storm', elements };
}

function button(
  storm: string,
  action: ButtonId,
  text: string,
  ask: { readonly title: string; readonly text: string; readonly yes: string },
): types.Button {
  const plain = (words: string, max: number): types.PlainTextElement => ({
    type: 'plain_text',
    text: fit(words, max),
    emoji: false,
  });
  return {
    type: 'button',
    action_id: action,
    text: plain(text, limits.buttonText),
    accessibility_label: fit(`${text}, of ${storm}`, limits.buttonText),
    value: encodeStormValue(storm),
    confirm: {
      title: plain(ask.title, limits.confirmTitle),
      text: plain(ask.text, limits.confirmText),
      confirm: plain(ask.yes, limits.confirmButton),
      deny: plain('Cancel', limits.confirmButton),
    },
  };
}

function smallPrint(id: string, members: readonly StormMember[], today: number): string {
  const kills = killsOf(members);
  const first = Math.min(...members.map(({ killedAt }) => killedAt));
  const last = Math.max(...members.map(({ lastAt }) => lastAt));
  const count = (is: (member: StormMember) => boolean): number => members.filter(is).length;
  const own = count((member) => member.own !== null);
  const closed = count(({ open }) => !open);
  const taken = count(({ open, acknowledged }) => open && acknowledged !== null);
  const quiet = members.flatMap(({ open, silencedUntil }) =>
    open && silencedUntil !== null && silencedUntil > today ? [silencedUntil] : [],
  );
  const parts = [
    id,
    kills === 1 ? '1 kill' : `${kills} kills`,
    first === last
      ? `at ${clockTime(last, today)}`
      : `from ${clockTime(first, today)} to ${clockTime(last, today)} (${roughDuration(last - first)})`,
    taken === 0 ? null : `${taken} acknowledged`,
    quiet.length === 0 ? null : `${quiet.length} snoozed until ${clockTime(Math.max(...quiet), today)}`,
    own === 0 ? null : `${own} with a thread of their own`,
    closed === 0 ? null : `${closed} closed`,
    'all incidents are listed in the thread',
  ];
  return parts.filter((part) => part !== null).join(' · ');
}

/** `× 12 · critical · *checkout* (app) · prod/shop · INC-7F3K` */
function worstLine(member: StormMember): string {
  const { kills, severity } = member;
  return [kills === 0 ? 'warned of' : `× ${kills}`, severity, whose(member)]
    .filter((part) => part !== null)
    .join(' · ');
}

function killsOf(members: readonly StormMember[]): number {
  return members.reduce((sum, { kills }) => sum + kills, 0);
}
