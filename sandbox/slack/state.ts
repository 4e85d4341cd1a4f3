import { apiFile, textOf } from './files/api-file.ts';
import { reactionsOf } from './api-message.ts';
import { apiView } from './views/api-view.ts';
import type { StoredFile } from './files/file-store.ts';
import { defined, type JsonObject } from './json.ts';
import type { Message } from './message-store.ts';
import type { World } from './method.ts';
import type { StoredView } from './views/view-store.ts';

/** Everything that the page shows, in the shape of `GET /slack/state`. */
export function stateOfWorkspace(world: World): JsonObject {
  const { store, views, workspace } = world;
  const view = (one: StoredView): JsonObject =>
    defined({ ...apiView(world, one), errors: one.errors, trouble: one.trouble });
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
      files: message.files.length > 0 ? message.files : undefined,
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
    groups: workspace.groups,
    files: Object.fromEntries(
      world.files
        .all()
        .filter(isShown)
        .map((file) => [file.id, stateOfFile(world, file)]),
    ),
    modals: workspace.people
      .filter(({ id }) => views.stack(id).length > 0)
      .map(({ id }) => ({ user: id, views: views.stack(id).map(view) })),
    homes: workspace.people.flatMap(({ id }) => {
      const home = views.home(id);
      return home === undefined ? [] : [{ user: id, view: view(home) }];
    }),
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

const longestPreview = 4_000;

function isShown({ completed, kind }: StoredFile): boolean {
  return completed && kind !== undefined;
}

/** NOTE: `url` is a path of the control API: the page has no token for `url_private`, as a browser at Slack has a session. */
function stateOfFile(world: World, file: StoredFile): JsonObject {
  const isText = file.kind?.shownAs === 'text';
  const content = isText ? textOf(file) : '';
  return defined({
    id: file.id,
    name: file.name,
    title: file.title,
    mimetype: file.kind?.mimetype,
    filetype: file.kind?.filetype,
    pretty_type: file.kind?.pretty,
    size: file.size,
    alt_txt: file.altText,
    shown_as: file.kind?.shownAs,
    url: `/slack/file?id=${file.id}`,
    // The addresses by which a block may name it.
    names: urlsOf(world, file),
    ...(isText ? { text: content.slice(0, longestPreview), is_cut: content.length > longestPreview } : {}),
  });
}

function urlsOf(world: World, file: StoredFile): readonly unknown[] {
  const { permalink, url_private } = apiFile(world, file);
  return [permalink, url_private];
}
