import { apiFile } from '../files/api-file.ts';
import { snippetKind } from '../files/file-kinds.ts';
import type { StoredFile } from '../files/file-store.ts';
import { isObject, type JsonObject, textAt } from '../json.ts';
import { longestText, readBlocks } from '../message-content.ts';
import type { Channel } from '../message-store.ts';
import { type Call, channelOf, hasBot, type Method, type World } from '../method.ts';
import { Refusal } from '../refusal.ts';

const largestSnippet = 1024 * 1024;
const largestFile = 1024 * 1024 * 1024;
const longestAltText = 1000;

export const fileMethods: Readonly<Record<string, Method>> = {
  'files.getUploadURLExternal': {
    token: 'bot',
    scopes: ['files:write'],
    tier: 4,
    required: ['filename', 'length'],
    // NOTE: the SDK's `filesUploadV2` sends `alt_text`, which no documentation of the method knows.
    optional: ['alt_txt', 'snippet_type'],
    run: ({ args, world }) => {
      const size = args.count('length', 0);
      const altText = args.text('alt_txt');
      const snippetType = args.text('snippet_type');
      if (size === 0) throw new Refusal('missing_argument');
      if (size > largestFile) throw new Refusal('file_upload_size_restricted');
      if ((altText ?? '').length > longestAltText) throw new Refusal('alt_txt_too_large');
      if (snippetType !== undefined && snippetKind(snippetType) === undefined) {
        throw new Refusal('unknown_snippet_type');
      }
      if (snippetType !== undefined && size > largestSnippet) throw new Refusal('snippet_too_large');
      const { file, token } = world.files.reserve({ name: args.need('filename'), size, altText, snippetType });
      return { upload_url: `${world.filesUrl()}/upload/v1/${token}`, file_id: file.id };
    },
  },
  'files.completeUploadExternal': {
    token: 'bot',
    scopes: ['files:write'],
    tier: 4,
    required: ['files'],
    optional: ['blocks', 'channel_id', 'channels', 'initial_comment', 'thread_ts'],
    run: completeUpload,
  },
  'files.info': {
    token: 'bot',
    scopes: ['files:read'],
    tier: 4,
    required: ['file'],
    optional: ['count', 'cursor', 'limit', 'page'],
    run: ({ args, world }) => {
      const file = world.files.find(args.need('file'));
      if (file?.completed !== true) throw new Refusal('file_not_found');
      return { file: apiFile(world, file), comments: [], response_metadata: { next_cursor: '' } };
    },
  },
  'files.delete': {
    token: 'bot',
    scopes: ['files:write'],
    tier: 3,
    required: ['file'],
    optional: [],
    run: ({ args, world }) => {
      const id = args.need('file');
      if (world.files.find(id)?.completed !== true) throw new Refusal('file_not_found');
      world.files.remove(id);
      world.store.touch();
      return {};
    },
  },
};

function completeUpload({ args, world }: Call): JsonObject {
  const wanted = args.json('files', 'invalid_arguments');
  if (!Array.isArray(wanted) || wanted.length === 0 || !wanted.every(isObject)) {
    throw Refusal.because('invalid_arguments', ['must provide an array [json-pointer:/files]']);
  }
  const files = wanted.map((each: JsonObject) => {
    const file = world.files.find(textAt(each, 'id') ?? '');
    // A file without its bytes, or one that was completed before, has no upload ticket.
    if (file?.bytes === undefined || file.completed) throw new Refusal('file_not_found');
    return { file, title: textAt(each, 'title') ?? file.name };
  });
  const named = args.text('channel_id') ?? args.text('channels');
  const channels = named === undefined || named === '' ? [] : named.split(',');
  const threadTs = args.text('thread_ts');
  if (threadTs !== undefined && channels.length !== 1) throw new Refusal('invalid_arguments');
  const places = channels.map((name) => placeFor(world, name.trim(), threadTs));
  const comment = args.text('initial_comment');
  const blocks = args.json('blocks', 'invalid_blocks_format');
  // NOTE: a comment makes Slack ignore the blocks, without a word.
  const shownBlocks = blocks === undefined || comment !== undefined ? [] : readBlocks(blocks, world);
  for (const { file, title } of files) {
    file.title = title;
    file.completed = true;
  }
  const shown = files.map(({ file }) => file);
  const answer = { files: shown.map((file) => apiFile(world, file)) };
  world.afterProcessing(() => {
    for (const file of shown) world.files.process(file);
    if (!isDropped(world, shown)) {
      for (const { id } of places)
        share(world, shown, { channel: id, threadTs, text: comment ?? '', blocks: shownBlocks });
    }
    world.store.touch();
  });
  return answer;
}

function placeFor(world: World, named: string, threadTs: string | undefined): Channel {
  const channel = channelOf(world, named);
  if (!hasBot(world, channel)) throw new Refusal('not_in_channel');
  if (channel.isArchived) throw new Refusal('is_archived');
  if (threadTs !== undefined && world.store.find(channel.id, threadTs) === undefined) {
    throw new Refusal('thread_not_found');
  }
  return channel;
}

/**
 * NOTE: Slack answers `ok` and then shares nothing where a file that is no picture has an alternative text
 * (slackapi/python-slack-sdk#1818, open since January 2026). Nobody would look for that, so the log names it.
 */
function isDropped(world: World, files: readonly StoredFile[]): boolean {
  const dropped = files.filter(({ altText, kind }) => altText !== undefined && kind?.shownAs !== 'image');
  if (dropped.length === 0) return false;
  const names = dropped.map(({ name }) => name);
  world.log.error({ files: names }, 'Slack shares no file that has an alt_txt and is no picture');
  return true;
}

/** NOTE: the message that shares files is made by Slack: it carries no metadata, and no method returns its `ts`. */
function share(
  world: World,
  files: readonly StoredFile[],
  place: {
    readonly channel: string;
    readonly threadTs: string | undefined;
    readonly text: string;
    readonly blocks: readonly JsonObject[];
  },
): void {
  const message = world.store.post({
    channel: place.channel,
    user: world.workspace.bot.userId,
    text: place.text.slice(0, longestText),
    blocks: place.blocks,
    threadTs: place.threadTs,
    files: files.map(({ id }) => id),
  });
  for (const file of files) {
    file.shares.push({ channel: message.channel, ts: message.ts, threadTs: message.threadTs });
  }
}
