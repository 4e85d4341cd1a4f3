import { apiMessage } from './api-message.ts';
import type { JsonObject } from '../json.ts';
import type { Channel, Message } from '../message-store.ts';
import { type Call, hasBot, joinedChannel, type Method, page, type World } from './method.ts';
import { Refusal } from '../refusal.ts';

const span = ['cursor', 'include_all_metadata', 'inclusive', 'latest', 'limit', 'oldest'];
const reading = ['channels:read', 'groups:read'];
const history = ['channels:history', 'groups:history'];

export const conversationMethods: Readonly<Record<string, Method>> = {
  'conversations.list': {
    token: 'bot',
    scopes: reading,
    tier: 2,
    required: [],
    optional: ['cursor', 'limit', 'types'],
    run: ({ args, world }) => {
      const types = (args.text('types') ?? 'public_channel').split(',').map((type) => type.trim());
      const visible = world.store
        .channels()
        .filter((channel) => types.includes(channel.isPrivate ? 'private_channel' : 'public_channel'))
        .filter((channel) => !channel.isPrivate || hasBot(world, channel));

      const { items, next } = page(visible, (channel) => channel.id, args, 100);
      return { channels: items.map((channel) => apiChannel(world, channel)), response_metadata: { next_cursor: next } };
    },
  },
  'conversations.history': {
    token: 'bot',
    scopes: history,
    tier: 3,
    required: ['channel'],
    optional: span,
    run: (call) => {
      const channel = joinedChannel(call.world, call.args.need('channel'));
      return messagesAnswer(call, call.world.store.timeline(channel.id).toReversed(), 100);
    },
  },
  'conversations.replies': {
    token: 'bot',
    scopes: history,
    tier: 3,
    required: ['channel', 'ts'],
    optional: span,
    run: (call) => {
      const { args, world } = call;
      const channel = joinedChannel(world, args.need('channel'));
      const asked = world.store.find(channel.id, args.need('ts'));
      if (asked === undefined || asked.onlyFor !== undefined) throw new Refusal('thread_not_found');
      const root = world.store.find(channel.id, asked.threadTs ?? asked.ts) ?? asked;
      return messagesAnswer(call, [root, ...world.store.replies(channel.id, root.ts)], 1000);
    },
  },
};

function messagesAnswer(call: Call, messages: readonly Message[], defaultLimit: number): JsonObject {
  const { args, world } = call;
  const { items, next } = page(within(messages, call), (message) => message.ts, args, defaultLimit);
  const metadata = args.flag('include_all_metadata') ? 'all' : 'type';
  return {
    messages: items.map((message) => apiMessage(world, message, metadata)),
    has_more: next !== '',
    ...(next === '' ? {} : { response_metadata: { next_cursor: next } }),
  };
}

/** NOTE: time stamps are compared as text: seconds have ten digits until 2286. */
function within(messages: readonly Message[], { args }: Call): readonly Message[] {
  const latest = args.text('latest') ?? '';
  const oldest = args.text('oldest') ?? '';
  const inclusive = args.flag('inclusive');
  return messages.filter(({ ts }) => {
    if (inclusive && (ts === latest || ts === oldest)) return true;
    return (latest === '' || ts < latest) && (oldest === '' || oldest === '0' || ts > oldest);
  });
}

function apiChannel(world: World, channel: Channel): JsonObject {
  return {
    id: channel.id,
    name: channel.name,
    is_channel: !channel.isPrivate,
    is_group: channel.isPrivate,
    is_private: channel.isPrivate,
    is_archived: channel.isArchived,
    is_member: hasBot(world, channel),
    context_team_id: world.workspace.team.id,
  };
}
