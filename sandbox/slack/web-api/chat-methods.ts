import { apiMessage } from './api-message.ts';
import type { JsonObject } from '../json.ts';
import { longestText, readContent, readMetadata } from './message-content.ts';
import type { Message } from '../message-store.ts';
import { type Call, channelOf, joinedChannel, type Method, type World } from './method.ts';
import { Refusal } from '../refusal.ts';

/** Longest `text` of an update; a longer one is refused, not cut. */
const longestUpdate = 4_000;

const content = ['blocks', 'text'];

export const chatMethods: Readonly<Record<string, Method>> = {
  'chat.postMessage': {
    token: 'bot',
    scopes: ['chat:write'],
    tier: 'posting',
    required: ['channel'],
    optional: [...content, 'metadata', 'reply_broadcast', 'thread_ts', 'unfurl_links', 'unfurl_media'],
    run: postMessage,
  },
  'chat.update': {
    token: 'bot',
    scopes: ['chat:write'],
    tier: 3,
    required: ['channel', 'ts'],
    optional: [...content, 'metadata'],
    run: update,
  },
  'chat.delete': {
    token: 'bot',
    scopes: ['chat:write'],
    tier: 3,
    required: ['channel', 'ts'],
    optional: [],
    run: ({ args, world }) => {
      const message = ownMessage(
        world,
        joinedChannel(world, args.need('channel')).id,
        args.need('ts'),
        'cant_delete_message',
      );
      world.store.remove(message);
      return { channel: message.channel, ts: message.ts };
    },
  },
  'chat.postEphemeral': {
    token: 'bot',
    scopes: ['chat:write'],
    tier: 4,
    required: ['channel', 'user'],
    optional: [...content, 'thread_ts'],
    run: postEphemeral,
  },
  'chat.getPermalink': {
    token: 'bot',
    scopes: [],
    tier: 'special',
    required: ['channel', 'message_ts'],
    optional: [],
    run: ({ args, world }) => {
      const channel = channelOf(world, args.need('channel'));
      const message = found(world, channel.id, args.need('message_ts'));
      const path = `https://${world.workspace.team.domain}.slack.com/archives/${channel.id}/p${message.ts.replace('.', '')}`;
      const thread = message.threadTs === undefined ? '' : `?thread_ts=${message.threadTs}&cid=${channel.id}`;
      return { channel: channel.id, permalink: `${path}${thread}` };
    },
  },
};

function postMessage({ args, world }: Call): JsonObject {
  const channel = joinedChannel(world, args.need('channel'), true);
  if (channel.isArchived) throw new Refusal('is_archived');
  const wanted = readContent(args, world);
  const metadata = readMetadata(args);
  const threadTs = threadOf(world, channel.id, args.text('thread_ts'));
  const message = world.store.post({
    channel: channel.id,
    user: world.workspace.bot.userId,
    text: (wanted.text ?? '').slice(0, longestText),
    blocks: wanted.blocks ?? [],
    metadata,
    threadTs,
    broadcast: threadTs !== undefined && args.flag('reply_broadcast'),
  });
  world.posted(message);
  return { channel: channel.id, ts: message.ts, message: apiMessage(world, message, 'all') };
}

/**
 * Blocks that are not given stay only if there is no text either; a text alone replaces them (docs of `chat.update`).
 * Metadata that is not given stays.
 */
function update({ args, world }: Call): JsonObject {
  const channel = joinedChannel(world, args.need('channel'));
  // NOTE: for edits Slack calls an archived channel "inactive".
  if (channel.isArchived) throw new Refusal('is_inactive');
  const message = ownMessage(world, channel.id, args.need('ts'), 'cant_update_message');
  const ageMs = world.now() - Number(message.ts) * 1000;
  if (world.editWindowMs !== undefined && ageMs > world.editWindowMs) throw new Refusal('edit_window_closed');
  const wanted = readContent(args, world);
  if ((wanted.text ?? '').length > longestUpdate) throw new Refusal('msg_too_long');
  world.store.edit(message, {
    text: wanted.text ?? message.text,
    blocks: wanted.blocks ?? (wanted.text === undefined ? message.blocks : []),
    metadata: readMetadata(args) ?? message.metadata,
  });
  return { channel: channel.id, ts: message.ts, text: message.text, message: apiMessage(world, message, 'all') };
}

/** NOTE: in a thread that nobody has replied to yet Slack takes an ephemeral message and shows it to nobody. */
function postEphemeral({ args, world }: Call): JsonObject {
  const channel = joinedChannel(world, args.need('channel'));
  if (channel.isArchived) throw new Refusal('is_archived');
  const onlyFor = args.need('user');
  if (!channel.members.has(onlyFor)) throw new Refusal('user_not_in_channel');
  const wanted = readContent(args, world);
  const threadTs = threadOf(world, channel.id, args.text('thread_ts'));
  const message = world.store.post({
    channel: channel.id,
    user: world.workspace.bot.userId,
    text: (wanted.text ?? '').slice(0, longestText),
    blocks: wanted.blocks ?? [],
    threadTs,
    onlyFor,
  });
  if (threadTs !== undefined && world.store.replies(channel.id, threadTs).length === 0) world.store.remove(message);
  return { message_ts: message.ts };
}

function threadOf(world: World, channel: string, threadTs: string | undefined): string | undefined {
  if (threadTs === undefined || threadTs === '') return undefined;
  const root = world.store.find(channel, threadTs);
  if (root === undefined) throw new Refusal('thread_not_found');
  if (root.threadTs !== undefined || root.onlyFor !== undefined) throw new Refusal('cannot_reply_to_message');
  return threadTs;
}

/** NOTE: an ephemeral message can't be edited through the Web API: Slack does not know it any more. */
function found(world: World, channel: string, ts: string): Message {
  const message = world.store.find(channel, ts);
  if (message === undefined || message.onlyFor !== undefined || message.deleted) throw new Refusal('message_not_found');
  return message;
}

function ownMessage(world: World, channel: string, ts: string, otherwise: string): Message {
  const message = found(world, channel, ts);
  if (message.user !== world.workspace.bot.userId) throw new Refusal(otherwise);
  return message;
}
