import { defined, type JsonObject, textAt } from '../json.ts';
import type { Message } from '../message-store.ts';
import type { World } from './method.ts';

/**
 * A message as the Web API and interaction payloads show it. History shows only the type of its metadata unless
 * `include_all_metadata` was asked for.
 */
export function apiMessage(world: World, message: Message, metadata: 'all' | 'type'): JsonObject {
  const { bot, team } = world.workspace;
  const replies = world.store.replies(message.channel, message.ts);
  const fromBot = message.user === bot.userId;
  return defined({
    type: 'message',
    subtype: subtypeOf(message),
    user: message.deleted ? 'USLACKBOT' : message.user,
    hidden: message.deleted || undefined,
    ts: message.ts,
    ...(fromBot && !message.deleted ? { bot_id: bot.botId, app_id: bot.appId } : {}),
    text: message.text,
    team: team.id,
    blocks: message.blocks.length > 0 ? message.blocks : undefined,
    files: message.files.length > 0 && !message.deleted ? message.files.map((id) => ({ id })) : undefined,
    metadata: shownMetadata(message.metadata, metadata),
    thread_ts: message.threadTs ?? (replies.length > 0 ? message.ts : undefined),
    ...(replies.length > 0 ? { reply_count: replies.length, latest_reply: replies.at(-1)?.ts } : {}),
  });
}

function subtypeOf(message: Message): string | undefined {
  if (message.deleted) return 'tombstone';
  return message.broadcast ? 'thread_broadcast' : undefined;
}

function shownMetadata(metadata: JsonObject | undefined, show: 'all' | 'type'): JsonObject | undefined {
  if (metadata === undefined) return undefined;
  return show === 'all' ? metadata : { event_type: textAt(metadata, 'event_type') };
}
