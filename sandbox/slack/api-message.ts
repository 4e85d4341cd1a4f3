import { apiFile } from './files/api-file.ts';
import { defined, type JsonObject, textAt } from './json.ts';
import type { Message } from './message-store.ts';
import type { World } from './method.ts';

/**
 * A message as the Web API and interaction payloads show it. History shows only the type of its metadata unless
 * `include_all_metadata` was asked for.
 */
export function apiMessage(world: World, message: Message, metadata: 'all' | 'type' | 'none'): JsonObject {
  const { bot, team } = world.workspace;
  const replies = world.store.replies(message.channel, message.ts);
  const fromBot = message.user === bot.userId;
  return defined({
    type: 'message',
    subtype: subtypeOf(message),
    user: message.deleted ? 'USLACKBOT' : message.user,
    hidden: message.deleted || undefined,
    ts: message.ts,
    ...(fromBot && !message.deleted
      ? {
          bot_id: bot.botId,
          app_id: bot.appId,
          bot_profile: { id: bot.botId, app_id: bot.appId, user_id: bot.userId, name: bot.name, team_id: team.id },
        }
      : {}),
    text: message.text,
    team: team.id,
    blocks: message.blocks.length > 0 ? message.blocks : undefined,
    attachments: message.attachments.length > 0 ? message.attachments : undefined,
    ...sharedFiles(world, message),
    edited: message.edited,
    metadata: shownMetadata(message.metadata, metadata),
    reactions: message.reactions.size > 0 ? reactionsOf(message) : undefined,
    thread_ts: message.threadTs ?? (replies.length > 0 ? message.ts : undefined),
    parent_user_id: message.threadTs === undefined ? undefined : bot.userId,
    ...(replies.length > 0
      ? {
          reply_count: replies.length,
          reply_users: [...new Set(replies.map((reply) => reply.user))],
          reply_users_count: new Set(replies.map((reply) => reply.user)).size,
          latest_reply: replies.at(-1)?.ts,
        }
      : {}),
  });
}

function subtypeOf(message: Message): string | undefined {
  if (message.deleted) return 'tombstone';
  return message.broadcast ? 'thread_broadcast' : undefined;
}

/** A file that was deleted stays in its message as a tombstone. */
function sharedFiles(world: World, { deleted, files }: Message): JsonObject {
  if (deleted || files.length === 0) return {};
  return {
    files: files.map((id) => {
      const file = world.files.find(id);
      return file === undefined ? { id, mode: 'tombstone' } : apiFile(world, file);
    }),
    upload: false,
  };
}

export function reactionsOf(message: Message): readonly JsonObject[] {
  return [...message.reactions].map(([name, users]) => ({ name, users, count: users.length }));
}

function shownMetadata(metadata: JsonObject | undefined, show: 'all' | 'type' | 'none'): JsonObject | undefined {
  if (metadata === undefined || show === 'none') return undefined;
  return show === 'all' ? metadata : { event_type: textAt(metadata, 'event_type') };
}
