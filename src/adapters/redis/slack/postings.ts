import { z } from 'zod';
import { placeSchema } from '../../../core/talk/place.ts';
import type { Skipped } from '../../../flow/needs.ts';
import type { Posting, Postings } from '../../../flow/show/needs.ts';
import { bounds as usualBounds, type Bounds } from '../bounds.ts';
import { growingObject } from '../../../core/units/growing-object.ts';
import { parseReply } from '../documents/parse.ts';
import { tellingOfNewer } from '../documents/readable.ts';
import { stored } from '../documents/stored.ts';
import { dueNow, postpone } from '../store/due.lua.ts';
import { clusterKeys } from '../keys.ts';
import { createShowing } from './showing.ts';
import { settlePosting, writePosting } from './posting.lua.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded } from '../redis-failure.ts';
import { replicated } from '../replicated.ts';

const postingSchema = growingObject({
  channel: z.string(),
  root: placeSchema.nullable(),
  claims: z.record(z.string(), z.number()),
  editable: z.boolean(),
  shownVersion: z.number().int(),
  shownKills: z.number().int(),
  shownEntry: z.string(),
  fold: growingObject({
    storm: z.string(),
    told: z.string(),
    answered: z.string(),
    openedBy: z.string().nullable(),
  }).nullable(),
  threaded: z.boolean().default(false),
  shownPause: z.number().int().default(0),
  notice: growingObject({ id: z.string(), text: z.string() }).nullable(),
});

const postingDocument = stored('posting', postingSchema);

export interface PostingsOptions {
  /** Role `store`. */
  readonly redis: RedisClient;
  readonly cluster: string;
  readonly bounds?: Bounds;
  /** Told of each posting that a newer version has stored; reading it fails all the same. */
  readonly onUnreadable?: Skipped;
}

/** The bot's second document per incident of one cluster, and what is due to be shown. Throws only Failures. */
export function createPostings({
  redis,
  cluster,
  bounds = usualBounds,
  onUnreadable = () => undefined,
}: PostingsOptions): Postings {
  const keys = clusterKeys(cluster);
  return {
    ...createShowing(redis, keys),
    read: async (id): Promise<Posting | null> => {
      const [revision, document] = await guarded(redis.hmget(keys.of(id).posting, 'revision', 'document'));
      if (typeof revision !== 'string' || typeof document !== 'string') return null;
      const name = `the posting of incident ${id}`;
      const read = (): Posting => ({ revision: Number(revision), ...postingDocument.read(name, document) });
      return tellingOfNewer(name, read, onUnreadable);
    },
    write: async (id, { revision, ...document }) => {
      const { posting, incident } = keys.of(id);
      const { root, fold, claims, shownVersion, shownKills, shownEntry, shownPause } = document;
      const isFolded = fold !== null && fold.openedBy === null;
      const state = root !== null ? 'posted' : isFolded ? 'folded' : 'wanted';
      const reply = await writePosting.run(
        redis,
        { posting, incident, dueBot: keys.dueBot },
        {
          id,
          expectedRevision: revision,
          document: postingDocument.write(document),
          state,
          shownVersion,
          shownKills,
          shownEntry,
          shownPause,
          keptMs: bounds.closedMs,
        },
      );
      if (reply !== 1) return null;
      // A message is sent next, which a lost claim would repeat.
      if (Object.keys(claims).length > 0) await replicated(redis, posting);
      return { ...document, revision: revision + 1 };
    },
    due: async (limit) => parseReply('due', z.array(z.string()), await dueNow.run(redis, [keys.dueBot], [limit])),
    settle: async (id) => {
      const { posting, incident, timeline } = keys.of(id);
      return (await settlePosting.run(redis, [posting, incident, timeline, keys.dueBot, keys.pauseChange], [id])) === 1;
    },
    postpone: async (id, dueAt) => {
      const { incident, requests } = keys.of(id);
      await postpone.run(redis, { due: keys.dueBot, incident, requests }, { id, dueAt: Math.round(dueAt) });
    },
  };
}
