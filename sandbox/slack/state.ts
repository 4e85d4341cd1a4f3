import { reactionsOf } from './api-message.ts';
import { defined, type JsonObject } from './json.ts';
import type { Message, MessageStore } from './message-store.ts';
import type { Workspace } from './workspace.ts';

/** Everything that the page shows, in the shape of `GET /slack/state`. */
export function stateOfWorkspace(workspace: Workspace, store: MessageStore): JsonObject {
  const shown = (message: Message): JsonObject => {
    const replies = store.replies(message.channel, message.ts);
    return defined({
      ts: message.ts,
      user: message.user,
      text: message.text,
      blocks: message.blocks,
      attachments: message.attachments.length > 0 ? message.attachments : undefined,
      thread_ts: message.threadTs,
      edited: message.edited,
      reactions: message.reactions.size > 0 ? reactionsOf(message) : undefined,
      metadata: message.metadata,
      deleted: message.deleted || undefined,
      reply_count: replies.length,
      replies: replies.map(shown),
    });
  };
  return {
    version: store.version(),
    team: workspace.team,
    commands: workspace.commands,
    users: [
      ...workspace.people.map(({ color, displayName, id, mayApprove, name }) => ({
        id,
        name,
        displayName,
        color: `#${color}`,
        mayApprove,
      })),
      { id: workspace.bot.userId, name: workspace.bot.name, displayName: workspace.bot.name, isBot: true },
    ],
    channels: store.channels().map((channel) => ({
      id: channel.id,
      name: channel.name,
      isArchived: channel.isArchived,
      messages: store.timeline(channel.id).map(shown),
    })),
    ephemerals: store.ephemerals().map((message) =>
      defined({
        channel: message.channel,
        user: message.onlyFor,
        from: message.user,
        ts: message.ts,
        thread_ts: message.threadTs,
        text: message.text,
        blocks: message.blocks,
      }),
    ),
  };
}
