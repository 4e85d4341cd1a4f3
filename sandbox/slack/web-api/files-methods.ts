import type { StoredFile } from '../file-store.ts';
import { isObject, type JsonObject, textAt } from '../json.ts';
import { type Call, channelOf, hasBot, type Method, type World } from './method.ts';
import { Refusal } from '../refusal.ts';

const largestFile = 1024 * 1024 * 1024;
const longestAltText = 1000;

export const fileMethods: Readonly<Record<string, Method>> = {
  'files.getUploadURLExternal': {
    token: 'bot',
    scopes: ['files:write'],
    tier: 4,
    required: ['filename', 'length'],
    // NOTE: the SDK's `filesUploadV2` sends `alt_text`, which no documentation of the method knows.
    optional: ['alt_txt'],
    run: ({ args, world }) => {
      const size = args.count('length', 0);
      const altText = args.text('alt_txt');
      if (size === 0) throw new Refusal('missing_argument');
      if (size > largestFile) throw new Refusal('file_upload_size_restricted');
      if ((altText ?? '').length > longestAltText) throw new Refusal('alt_txt_too_large');
      const { file, token } = world.files.reserve({ name: args.need('filename'), size, altText });
      return { upload_url: `${world.filesUrl()}/upload/v1/${token}`, file_id: file.id };
    },
  },
  'files.completeUploadExternal': {
    token: 'bot',
    scopes: ['files:write'],
    tier: 4,
    required: ['files'],
    optional: ['channel_id', 'thread_ts'],
    run: completeUpload,
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
  const named = args.text('channel_id');
  const threadTs = args.text('thread_ts');
  if (threadTs !== undefined && named === undefined) throw new Refusal('invalid_arguments');
  const channel = named === undefined ? undefined : placeFor(world, named, threadTs);
  for (const { file, title } of files) {
    file.title = title;
    file.completed = true;
  }
  const shown = files.map(({ file }) => file);
  world.afterProcessing(() => {
    for (const file of shown) world.files.process(file);
    if (channel !== undefined && !isDropped(world, shown)) {
      // NOTE: this message is made by Slack: it carries no metadata, and no method returns its `ts`.
      const ids = shown.map(({ id }) => id);
      world.store.post({ channel, user: world.workspace.bot.userId, text: '', blocks: [], threadTs, files: ids });
    }
    world.store.touch();
  });
  return { files: shown.map(({ id, title }) => ({ id, title })) };
}

/** The id of the channel. */
function placeFor(world: World, named: string, threadTs: string | undefined): string {
  const channel = channelOf(world, named);
  if (!hasBot(world, channel)) throw new Refusal('not_in_channel');
  if (channel.isArchived) throw new Refusal('is_archived');
  if (threadTs !== undefined && world.store.find(channel.id, threadTs) === undefined) {
    throw new Refusal('thread_not_found');
  }
  return channel.id;
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
