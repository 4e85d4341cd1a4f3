import type { StoredFile } from './file-store.ts';
import { defined, type JsonObject } from '../json.ts';
import type { World } from '../method.ts';

const previewLines = 6;
const thumbnails = [64, 80, 160, 360, 480];

/** A file as the Web API and the messages that share it show it. Until Slack has looked at it, it has no type. */
export function apiFile(world: World, file: StoredFile): JsonObject {
  const { bot, team } = world.workspace;
  const base = `${world.filesUrl()}/files-pri/${team.id}-${file.id}`;
  const name = encodeURIComponent(file.name);
  const isImage = file.kind?.shownAs === 'image';
  const lines = file.kind?.shownAs === 'text' ? textOf(file).split('\n') : undefined;
  const inChannels = (isPrivate: boolean): readonly string[] => [
    ...new Set(
      file.shares
        .map(({ channel }) => channel)
        .filter((channel) => (world.store.channel(channel)?.isPrivate ?? false) === isPrivate),
    ),
  ];
  return defined({
    id: file.id,
    created: Math.floor(file.createdAt / 1000),
    timestamp: Math.floor(file.createdAt / 1000),
    name: file.name,
    title: file.title,
    mimetype: file.kind?.mimetype ?? '',
    filetype: file.kind?.filetype ?? '',
    pretty_type: file.kind?.pretty ?? '',
    user: bot.userId,
    user_team: team.id,
    mode: file.kind?.shownAs === 'text' ? 'snippet' : 'hosted',
    editable: false,
    is_external: false,
    size: file.size,
    alt_txt: file.altText,
    is_public: inChannels(false).length > 0,
    public_url_shared: false,
    url_private: `${base}/${name}`,
    url_private_download: `${base}/download/${name}`,
    permalink: `https://${team.domain}.slack.com/files/${bot.userId}/${file.id}/${name}`,
    channels: inChannels(false),
    groups: inChannels(true),
    shares: sharesOf(world, file),
    ...(isImage ? Object.fromEntries(thumbnails.map((side) => [`thumb_${side}`, `${base}/${name}?side=${side}`])) : {}),
    ...(lines === undefined
      ? {}
      : {
          preview: lines.slice(0, previewLines).join('\n'),
          lines: lines.length,
          lines_more: Math.max(0, lines.length - previewLines),
          preview_is_truncated: lines.length > previewLines,
        }),
  });
}

/** The content of a file of text. */
export function textOf(file: StoredFile): string {
  return Buffer.from(file.bytes ?? new Uint8Array()).toString('utf8');
}

function sharesOf(world: World, file: StoredFile): JsonObject {
  const byChannel = (isPrivate: boolean): JsonObject =>
    Object.fromEntries(
      [...new Set(file.shares.map(({ channel }) => channel))]
        .filter((channel) => (world.store.channel(channel)?.isPrivate ?? false) === isPrivate)
        .map((channel) => [
          channel,
          file.shares
            .filter((share) => share.channel === channel)
            .map(({ threadTs, ts }) => defined({ ts, thread_ts: threadTs })),
        ]),
    );
  const open = byChannel(false);
  const closed = byChannel(true);
  return {
    ...(Object.keys(open).length > 0 ? { public: open } : {}),
    ...(Object.keys(closed).length > 0 ? { private: closed } : {}),
  };
}
