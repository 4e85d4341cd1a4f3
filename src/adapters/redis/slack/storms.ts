import { z } from 'zod';
import { absenceSchema } from '../../../core/kill/absence.ts';
import { stormMemberSchema } from '../../../core/incident/storm.ts';
import type { Storm, Storms } from '../../../flow/show/needs.ts';
import { bounds as usualBounds, type Bounds } from '../bounds.ts';
import { parseDocument, parseReply } from '../store/documents.ts';
import { dueNow } from '../store/due.lua.ts';
import { slackKeys } from '../keys.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded } from '../redis-failure.ts';
import { replicated } from '../replicated.ts';
import {
  countLeft,
  foldIntoStorm,
  openStorm,
  openStormAside,
  postponeStorm,
  settleStorm,
  stormMembersInOrder,
  writeStorm,
} from './storm.lua.ts';

const stormSchema = z.strictObject({
  id: z.string(),
  channel: z.string(),
  openedAt: z.number(),
  state: z.enum(['open', 'claimed', 'posted']),
  claimedAt: z.number(),
  ts: z.string().nullable(),
  shown: z.string(),
  shownAt: z.number(),
  editable: z.boolean(),
  pages: z.array(
    z.strictObject({ ts: z.string().nullable(), shown: z.string(), shownAt: z.number(), edition: z.number().int() }),
  ),
  // Storms from before there were routes do not say so.
  moved: z.string().nullable().default(null),
  away: absenceSchema.nullable().default(null),
});

const leftReplySchema = z.tuple([z.number().int(), z.number().int(), z.string()]);

const notShown = {
  state: 'open',
  claimedAt: 0,
  ts: null,
  shown: '',
  shownAt: 0,
  editable: true,
  pages: [],
  moved: null,
} as const;

export interface StormsOptions {
  /** Role `store`. */
  readonly redis: RedisClient;
  readonly bounds?: Bounds;
}

/** The storms of all channels. They may hold incidents of several clusters, so they lie in the bot's own slot. */
export function createStorms({ redis, bounds = usualBounds }: StormsOptions): Storms {
  return {
    newest: async (channel) => {
      const id = await guarded(redis.get(slackKeys.stormIn(channel)));
      if (id === null) return null;
      const [foldedAt, size] = await guarded(redis.hmget(slackKeys.storm(id), 'foldedAt', 'size'));
      // One that has expired is still the newest: whoever opens another has to name it.
      return { id, foldedAt: Number(foldedAt ?? 0), size: Number(size ?? 0) };
    },
    open: async ({ id, channel, openedAt }, expected) => {
      const document = documentOf({ ...notShown, id, channel, openedAt, away: null });
      const keys = [slackKeys.stormIn(channel), slackKeys.storm(id)];
      return (await openStorm.run(redis, keys, [expected ?? '', id, document, bounds.closedMs])) === 1;
    },
    openAway: async ({ id, channel, openedAt, away }) => {
      const document = documentOf({ ...notShown, id, channel, openedAt, away });
      await openStormAside.run(redis, [slackKeys.storm(id)], [document, bounds.closedMs]);
    },
    left: async (group, incident) => {
      const reply = await countLeft.run(redis, [slackKeys.left(group)], [incident, bounds.closedMs]);
      const [place, size, lastAt] = parseReply('left', leftReplySchema, reply);
      return { place, size, lastAt: Number(lastAt) };
    },
    fold: async (id, member) => {
      const keys = [slackKeys.storm(id), slackKeys.stormMembers(id), slackKeys.stormOrder(id), slackKeys.stormsDue];
      const name = `${member.subject.cluster}/${member.incident}`;
      return (await foldIntoStorm.run(redis, keys, [id, name, JSON.stringify(member), bounds.closedMs])) === 1;
    },
    read: async (id) => {
      const fields = await guarded(redis.hmget(slackKeys.storm(id), 'revision', 'document', 'changes'));
      const [revision, document, changes] = fields;
      if (typeof revision !== 'string' || typeof document !== 'string') return null;
      const storm = { revision: Number(revision), ...parseDocument(`storm ${id}`, stormSchema, document) };
      return { storm, changes: Number(changes ?? 0) };
    },
    members: async (id) => {
      const reply = await stormMembersInOrder.run(redis, [slackKeys.stormMembers(id), slackKeys.stormOrder(id)], []);
      return parseReply('members', z.array(z.string()), reply).map((json) =>
        parseDocument(`an incident of storm ${id}`, stormMemberSchema, json),
      );
    },
    write: async (id, expected, next) => {
      const isWritten = (await writeStorm.run(redis, [slackKeys.storm(id)], [expected, documentOf(next)])) === 1;
      if (isWritten && next.state === 'claimed') await replicated(redis, slackKeys.storm(id));
      return isWritten;
    },
    due: async (limit) =>
      parseReply('due', z.array(z.string()), await dueNow.run(redis, [slackKeys.stormsDue], [limit])),
    settle: async (id, changes) =>
      (await settleStorm.run(redis, [slackKeys.storm(id), slackKeys.stormsDue], [id, changes])) === 1,
    postpone: async (id, dueAt) => {
      await postponeStorm.run(redis, [slackKeys.storm(id), slackKeys.stormsDue], [id, Math.round(dueAt)]);
    },
  };
}

/** Named one by one: callers spread what they read, and a stored revision beside the real one would disagree. */
function documentOf(storm: Omit<Storm, 'revision'>): string {
  const { id, channel, openedAt, state, claimedAt, ts, shown, shownAt, editable, pages, moved, away } = storm;
  return JSON.stringify({ id, channel, openedAt, state, claimedAt, ts, shown, shownAt, editable, pages, moved, away });
}
