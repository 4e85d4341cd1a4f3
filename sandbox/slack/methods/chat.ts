import { apiMessage } from '../api-message.ts';
import type { JsonObject } from '../json.ts';
import { longestText, readContent, readMetadata } from '../message-content.ts';
import type { Message } from '../message-store.ts';
import { type Call, channelOf, hasBot, joinedChannel, type Method, type World } from '../method.ts';
import { Refusal } from '../refusal.ts';

/** Longest `text` of an update; a longer one is refused, not cut. */
const longestUpdate = 4_000;

const appearance = ['as_user', 'icon_emoji', 'icon_url', 'link_names', 'parse', 'username'];
const content = ['attachments', 'blocks', 'text'];

export const chatMethods: Readonly<Record<string, Method>> = {
  'chat.postMessage': {
    token: 'bot',
    scopes: ['chat:write'],
    tier: 'posting',
    required: ['channel'],
    optional: [
      ...content,
      ...appearance,
      'metadata',
      'mrkdwn',
      'reply_broadcast',
      'thread_ts',
      'unfurl_links',
      'unfurl_media',
    ],
    run: postMessage,
  },
  'chat.update': {
    token: 'bot',
    scopes: ['chat:write'],
    tier: 3,
    required: ['channel', 'ts'],
    optional: [...content, 'as_user', 'link_names', 'metadata', 'parse', 'reply_broadcast'],
    run: update,
  },
  'chat.delete': {
    token: 'bot',
    scopes: ['chat:write'],
    tier: 3,
    required: ['channel', 'ts'],
    optional: ['as_user'],
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
    optional: [...content, ...appearance, 'thread_ts'],
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
  const channel = channelOf(world, args.need('channel'), true);
  const anywhere = world.workspace.scopes.includes('chat:write.public') && !channel.isPrivate;
  if (!hasBot(world, channel) && !anywhere) throw new Refusal('not_in_channel');
  if (channel.isArchived) throw new Refusal('is_archived');
  const wanted = readContent(args, world);
  const metadata = readMetadata(args);
  const threadTs = threadOf(world, channel.id, args.text('thread_ts'));
  const message = world.store.post({
    channel: channel.id,
    user: world.workspace.bot.userId,
    text: (wanted.text ?? '').slice(0, longestText),
    blocks: wanted.blocks ?? [],
    attachments: wanted.attachments ?? [],
    metadata: metadata === undefined || Object.keys(metadata).length === 0 ? undefined : metadata,
    threadTs,
    broadcast: threadTs !== undefined && args.flag('reply_broadcast'),
  });
  world.posted(message);
  return { channel: channel.id, ts: message.ts, message: apiMessage(world, message, 'all') };
}

/**
 * Blocks that are not given stay only if there is no text either; a text alone replaces them (docs of `chat.update`).
 * Metadata that is not given stays; `{}` removes it. The "edited" mark appears only on messages without blocks.
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
  const metadata = readMetadata(args);
  const blocks = wanted.blocks ?? (wanted.text === undefined ? message.blocks : []);
  world.store.edit(
    message,
    {
      text: wanted.text ?? message.text,
      blocks,
      attachments: wanted.attachments ?? message.attachments,
      metadata: metadata === undefined ? message.metadata : Object.keys(metadata).length === 0 ? undefined : metadata,
    },
    blocks.length > 0 ? undefined : world.workspace.bot.userId,
  );
  return { channel: channel.id, ts: message.ts, text: message.text, message: apiMessage(world, message, 'all') };
}

function postEphemeral({ args, world }: Call): JsonObject {
  const channel = joinedChannel(world, args.need('channel'));
  if (channel.isArchived) throw new Refusal('is_archived');
  const onlyFor = args.need('user');
  if (!channel.members.has(onlyFor)) throw new Refusal('user_not_in_channel');
  const wanted = readContent(args, world);
  const message = world.store.post({
    channel: channel.id,
    user: world.workspace.bot.userId,
    text: (wanted.text ?? '').slice(0, longestText),
    blocks: wanted.blocks ?? [],
    attachments: wanted.attachments ?? [],
    threadTs: args.text('thread_ts'),
    onlyFor,
  });
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
