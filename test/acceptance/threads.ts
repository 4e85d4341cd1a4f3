import { asUtc } from '../as-utc.ts';
import { z } from 'zod';
import type { World } from '../../sandbox/world.ts';
import type { Message } from '../../sandbox/slack/message-store.ts';

const metadataSchema = z.looseObject({
  event_type: z.string(),
  event_payload: z.looseObject({
    subject: z.string().default(''),
    incident: z.string(),
    kills: z.number().default(0),
    verdict: z.string().default(''),
    entry: z.string().optional(),
  }),
});

/** A root message as it stands in the pretend Slack. */
export interface Thread {
  readonly channel: string;
  readonly ts: string;
  readonly incident: string;
  /** `CLUSTER/NAMESPACE/KIND/NAME/CONTAINER` */
  readonly subject: string;
  readonly kills: number;
  /** Empty until it is explained. */
  readonly verdict: string;
  readonly root: Message;
  readonly replies: readonly Message[];
}

/** Every root that is there now, oldest first; deleted ones are not. */
export function threadsOf({ slack }: World): readonly Thread[] {
  return slack.store.channels().flatMap(({ id }) =>
    slack.store.timeline(id).flatMap((root) => {
      const metadata = metadataSchema.safeParse(root.metadata);
      if (root.deleted || root.threadTs !== undefined || !metadata.success) return [];
      const { event_type: type, event_payload: payload } = metadata.data;
      if (type !== 'oomkeeper_incident') return [];
      const { subject, incident, kills, verdict } = payload;
      const replies = slack.store.replies(id, root.ts);
      return [{ channel: id, ts: root.ts, incident, subject, kills, verdict, root, replies }];
    }),
  );
}

/** The one thread about a Deployment. Throws when there is none, or more than one. */
export function threadAbout(world: World, name: string): Thread {
  const found = threadsOf(world).filter(({ subject }) => subject.split('/')[3] === name);
  const [thread] = found;
  if (thread === undefined || found.length > 1) throw new Error(`${name} has ${found.length} threads`);
  return thread;
}

/** Ids of timeline entries that stand more than once in one thread. */
export function doubleReplies({ replies }: Thread): readonly string[] {
  const entries = replies.flatMap(({ metadata }) => {
    const parsed = metadataSchema.safeParse(metadata);
    return parsed.success && parsed.data.event_payload.entry !== undefined ? [parsed.data.event_payload.entry] : [];
  });
  return entries.filter((entry, index) => entries.indexOf(entry) !== index);
}

/** What only this person was told, oldest first. */
export function toldTo({ slack }: World, user: string): readonly Message[] {
  return slack.store.ephemerals().filter(({ onlyFor }) => onlyFor === user);
}

/** Everything that a message says, with its blocks. */
export function allWords({ text, blocks }: Pick<Message, 'text' | 'blocks'>): string {
  return asUtc(`${text}\n${JSON.stringify(blocks)}`);
}

/** The parts of a message in which Slack forms mentions and links: its text and every mrkdwn object. */
export function allMrkdwn({ text, blocks }: Pick<Message, 'text' | 'blocks'>): string {
  return asUtc([text, ...mrkdwnIn(blocks)].join('\n'));
}

function mrkdwnIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(mrkdwnIn);
  if (typeof value !== 'object' || value === null) return [];
  const own = 'type' in value && value.type === 'mrkdwn' && 'text' in value ? [String(value.text)] : [];
  return [...own, ...Object.values(value).flatMap(mrkdwnIn)];
}
