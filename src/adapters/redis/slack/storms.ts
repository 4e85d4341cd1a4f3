import { z } from 'zod';
import { downtimeSchema } from '../../../core/kill/downtime.ts';
import { stormMemberSchema } from '../../../core/incident/storm.ts';
import { placeSchema } from '../../../core/talk/place.ts';
import type { Skipped } from '../../../flow/needs.ts';
import type { Storm, Storms } from '../../../flow/show/needs.ts';
import { bounds as usualBounds, type Bounds } from '../bounds.ts';
import { growingObject } from '../../../core/units/growing-object.ts';
import { parseReply } from '../documents/parse.ts';
import { eachReadable, tellingOfNewer } from '../documents/readable.ts';
import { stored } from '../documents/stored.ts';
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

const stormSchema = growingObject({
  id: z.string(),
  channel: z.string(),
  openedAt: z.number(),
  root: placeSchema.nullable(),
  claims: z.record(z.string(), z.number()),
  shown: z.string(),
  shownAt: z.number(),
  editable: z.boolean(),
  pages: z.array(
    growingObject({
      place: placeSchema.nullable(),
      shown: z.string(),
      shownAt: z.number(),
      edition: z.number().int(),
    }),
  ),
  moved: z.string().nullable(),
  away: downtimeSchema.nullable(),
});

const stormDocument = stored<Omit<Storm, 'revision'>>('storm', stormSchema);
const memberDocument = stored('storm-member', stormMemberSchema);

const leftReplySchema = z.tuple([z.number().int(), z.number().int(), z.string()]);

const notShown = {
  root: null,
  claims: {},
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
  /** Told of each incident of a storm that is left out because it cannot be read. */
  readonly onUnreadable?: Skipped;
}

/** The storms of all channels. They may hold incidents of several clusters, so they lie in the bot's own slot. */
export function createStorms({ redis, bounds = usualBounds, onUnreadable = () => undefined }: StormsOptions): Storms {
  return {
    newest: async (channel) => {
      const id = await guarded(redis.get(slackKeys.stormIn(channel)));
      if (id === null) return null;
      const [foldedAt, size] = await guarded(redis.hmget(slackKeys.storm(id), 'foldedAt', 'size'));
      // An expired storm is still the newest: opening another one has to name it.
      return { id, foldedAt: Number(foldedAt ?? 0), size: Number(size ?? 0) };
    },
    open: async ({ id, channel, openedAt }, expected) => {
      const document = stormDocument.write({ ...notShown, id, channel, openedAt, away: null });
      const keys = [slackKeys.stormIn(channel), slackKeys.storm(id)];
      return (await openStorm.run(redis, keys, [expected ?? '', id, document, bounds.closedMs])) === 1;
    },
    openSummary: async ({ id, channel, openedAt, away }) => {
      const document = stormDocument.write({ ...notShown, id, channel, openedAt, away });
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
      return (await foldIntoStorm.run(redis, keys, [id, name, memberDocument.write(member), bounds.closedMs])) === 1;
    },
    read: async (id) => {
      const fields = await guarded(redis.hmget(slackKeys.storm(id), 'revision', 'document', 'changes'));
      const [revision, document, changes] = fields;
      if (typeof revision !== 'string' || typeof document !== 'string') return null;
      const read = (): Storm => ({ revision: Number(revision), ...stormDocument.read(`storm ${id}`, document) });
      return { storm: await tellingOfNewer(`storm ${id}`, read, onUnreadable), changes: Number(changes ?? 0) };
    },
    members: async (id) => {
      const reply = await stormMembersInOrder.run(redis, [slackKeys.stormMembers(id), slackKeys.stormOrder(id)], []);
      const found = parseReply('members', z.array(z.string()), reply);
      return eachReadable(
        found.map((_, at) => `incident ${at + 1} of storm ${id}`),
        (name, at) => memberDocument.read(name, found[at] ?? ''),
        onUnreadable,
      );
    },
    write: async ({ revision, ...document }) => {
      const key = slackKeys.storm(document.id);
      if ((await writeStorm.run(redis, [key], [revision, stormDocument.write(document)])) !== 1) return null;
      // A message is sent next, which a lost claim would repeat.
      if (Object.keys(document.claims).length > 0) await replicated(redis, key);
      return { ...document, revision: revision + 1 };
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
