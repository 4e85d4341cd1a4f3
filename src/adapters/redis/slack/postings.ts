import { z } from 'zod';
import type { Posting, Postings } from '../../../flow/needs.ts';
import { bounds as usualBounds, type Bounds } from '../bounds.ts';
import { parseDocument, parseReply } from '../store/documents.ts';
import { dueNow, postpone } from '../store/due.lua.ts';
import { clusterKeys, slackKeys } from '../keys.ts';
import { takeLease } from '../lease.ts';
import { settlePosting, writePosting } from './posting.lua.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded } from '../redis-failure.ts';
import { replicated } from '../replicated.ts';

const postingSchema = z.strictObject({
  state: z.enum(['claimed', 'posted', 'folded']),
  attempt: z.number().int(),
  claimedAt: z.number(),
  channel: z.string(),
  ts: z.string().nullable(),
  shownVersion: z.number().int(),
  shownKills: z.number().int(),
  shownEntry: z.string(),
  fold: z
    .strictObject({ storm: z.string(), told: z.string(), answered: z.string(), openedBy: z.string().nullable() })
    .nullable()
    // Postings from before there were storms do not say so.
    .default(null),
  moved: z
    .strictObject({
      from: z.string(),
      because: z.enum(['deleted', 'archived', 'not-in-channel', 'no-such-channel']),
      begun: z.boolean(),
      said: z.boolean(),
    })
    .nullable()
    .default(null),
  answered: z.string().default('0'),
  searched: z.boolean().default(true),
});

export interface PostingsOptions {
  /** Role `store`. */
  readonly redis: RedisClient;
  readonly cluster: string;
  readonly bounds?: Bounds;
}

/** The bot's second document per incident of one cluster, and what is due to be shown. Throws only Failures. */
export function createPostings({ redis, cluster, bounds = usualBounds }: PostingsOptions): Postings {
  const keys = clusterKeys(cluster);
  return {
    read: async (id): Promise<Posting | null> => {
      const [revision, document] = await guarded(redis.hmget(keys.of(id).posting, 'revision', 'document'));
      if (typeof revision !== 'string' || typeof document !== 'string') return null;
      return {
        revision: Number(revision),
        ...parseDocument(`the posting of incident ${id}`, postingSchema, document),
      };
    },
    write: async (id, expected, next) => {
      const { posting, incident } = keys.of(id);
      const { state, attempt, claimedAt, channel, ts, shownVersion, shownKills, shownEntry, fold, moved } = next;
      // Named one by one: callers spread what they read, and a stored revision beside the real one would disagree.
      const shown = { shownVersion, shownKills, shownEntry };
      // A bot from before there were these two reads all but those few that need them.
      const answered = next.answered === '0' ? {} : { answered: next.answered };
      const unsearched = next.searched ? {} : { searched: false };
      const document = { state, attempt, claimedAt, channel, ts, ...shown, fold, moved, ...answered, ...unsearched };
      const reply = await writePosting.run(
        redis,
        [posting, incident, keys.dueBot],
        [expected ?? '', JSON.stringify(document), state, shownVersion, shownKills, shownEntry, bounds.closedMs, id],
      );
      const isWritten = reply === 1;
      // What follows is a message that a lost claim would repeat.
      if (isWritten && state === 'claimed') await replicated(redis, posting);
      return isWritten;
    },
    due: async (limit) => parseReply('due', z.array(z.string()), await dueNow.run(redis, [keys.dueBot], [limit])),
    settle: async (id, dueAt = null) => {
      const { posting, incident, timeline } = keys.of(id);
      const until = dueAt === null ? '' : Math.round(dueAt);
      return (await settlePosting.run(redis, [posting, incident, timeline, keys.dueBot], [id, until])) === 1;
    },
    postpone: async (id, dueAt) => {
      const { incident, requests } = keys.of(id);
      await postpone.run(redis, [keys.dueBot, incident, requests], [id, Math.round(dueAt), '', '', '']);
    },
    lane: (channel, forMs) => takeLease(redis, slackKeys.lane(channel), forMs),
  };
}
