import type { webApi } from '@slack/bolt';
import type { Place } from '../../flow/needs.ts';
import type { StormChat } from '../../flow/show/needs.ts';
import type { Message } from './blocks/root.ts';
import { renderStorm, renderStormContinues, renderStormPage } from './blocks/storm.ts';
import { asTs, quiet, withClassicBlocks } from './chat.ts';
import { pagesOf, type SlackMessage } from './pages.ts';
import type { SlackIdentity } from './web-client.ts';

export interface StormChatOptions {
  readonly client: webApi.WebClient;
  readonly identity: SlackIdentity;
}

/** The name of the reply which says that the root is not edited any more. */
const CONTINUED = 'continued';

/** Tells storms in Slack, and finds again what was sent. */
export function createStormChat({ client, identity }: StormChatOptions): StormChat {
  const { botId, botUserId } = identity;
  const ours = (message: SlackMessage) => message.bot_id === botId || message.user === botUserId;

  const post = async (message: Message, channel: string, thread_ts?: string): Promise<Place> =>
    withClassicBlocks(message, 'chat.postMessage', async ({ text, blocks, metadata }) => {
      const base = { channel, text, blocks, metadata, ...quiet };
      const sent = await client.chat.postMessage(thread_ts === undefined ? base : { ...base, thread_ts });
      return { channel: sent.channel ?? channel, ts: sent.ts ?? '' };
    });

  const edit = async (message: Message, { channel, ts }: Place): Promise<void> =>
    withClassicBlocks(message, 'chat.update', async ({ text, blocks, metadata }) => {
      await client.chat.update({ channel, ts, text, blocks, metadata });
    });

  const stormPages = async ({ channel, ts }: Place): Promise<ReadonlyMap<string, string>> => {
    const found = new Map<string, string>();
    for await (const messages of pagesOf('conversations.replies', async (cursor) =>
      client.conversations.replies({ channel, ts, limit: 200, include_all_metadata: true, ...cursor }),
    )) {
      for (const { metadata, ts: at } of messages.filter(ours)) {
        const page = metadata?.event_payload?.['page'];
        if (metadata?.event_type === 'oomkeeper_storm_page' && typeof page === 'string' && at !== undefined) {
          found.set(page, at);
        }
      }
    }
    return found;
  };

  return {
    postStorm: async (channel, view) => post(renderStorm(view, identity), channel),
    editStorm: async (root, view) => edit(renderStorm(view, identity), root),
    postStormPage: async (root, view) => post(renderStormPage(view, identity), root.channel, root.ts),
    editStormPage: async (page, view) => edit(renderStormPage(view, identity), page),
    sayStormContinues: async (root, id) => {
      if ((await stormPages(root)).has(CONTINUED)) return;
      await post(renderStormContinues(id, CONTINUED), root.channel, root.ts);
    },
    findStorms: async (channel, id, since) => {
      const found: Place[] = [];
      for await (const messages of pagesOf('conversations.history', async (cursor) =>
        client.conversations.history({
          channel,
          oldest: asTs(since),
          limit: 200,
          include_all_metadata: true,
          ...cursor,
        }),
      )) {
        for (const { metadata, ts } of messages.filter(ours)) {
          const isIt = metadata?.event_type === 'oomkeeper_storm' && metadata.event_payload?.['storm'] === id;
          if (isIt && ts !== undefined) found.push({ channel, ts });
        }
      }
      return found.toSorted((a, b) => Number(a.ts) - Number(b.ts));
    },
    stormPages,
  };
}
