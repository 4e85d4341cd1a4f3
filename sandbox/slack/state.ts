import { apiView } from './views/api-view.ts';
import type { FileKind, StoredFile } from './file-store.ts';
import { defined, type JsonObject } from './json.ts';
import type { Message } from './message-store.ts';
import type { World } from './web-api/method.ts';
import type { StoredView } from './views/view-store.ts';

/** Everything that the page shows, in the shape of `GET /slack/state`. `rights`: what is said of a person, by id. */
export function stateOfWorkspace(world: World, rights: ReadonlyMap<string, string>): JsonObject {
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
      thread_ts: message.threadTs,
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
        note: rights.get(id) ?? (mayApprove ? 'may approve' : 'may not approve'),
      })),
      { id: workspace.bot.userId, name: workspace.bot.name, displayName: workspace.bot.name, isBot: true },
    ],
    groups: workspace.groups,
    files: Object.fromEntries(
      world.files.all().flatMap((file) => (file.kind === undefined ? [] : [[file.id, stateOfFile(file, file.kind)]])),
    ),
    modals: workspace.people.flatMap(({ id }) => {
      const modal = views.of(id);
      return modal === undefined ? [] : [{ user: id, view: view(modal) }];
    }),
    homes: workspace.people.flatMap(({ id }) => {
      const home = views.homeOf(id);
      return home === undefined ? [] : [{ user: id, view: view(home) }];
    }),
    channels: store.channels().map((channel) => ({
      id: channel.id,
      name: channel.name,
      isArchived: channel.isArchived,
      hasApp: channel.members.has(workspace.bot.userId),
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

/** NOTE: `url` is a path of the control API: the page has no token, as a browser at Slack has a session. */
function stateOfFile({ altText, bytes, id, name, size, title }: StoredFile, kind: FileKind): JsonObject {
  const text = kind.shownAs === 'text' ? Buffer.from(bytes ?? new Uint8Array()).toString('utf8') : undefined;
  return defined({
    id,
    name,
    title,
    pretty_type: kind.pretty,
    size,
    alt_txt: altText,
    shown_as: kind.shownAs,
    url: `/slack/file?id=${id}`,
    text: text?.slice(0, longestPreview),
    is_cut: text === undefined ? undefined : text.length > longestPreview,
  });
}
