import type { webApi } from '@slack/bolt';
import { Failure } from '../../core/failure.ts';
import { asSlackFailure } from './slack-failure.ts';
import { cut } from '../../core/units/text-bounds.ts';
import { slackFetch } from './web-client.ts';

export interface FileToSend {
  readonly name: string;
  readonly title: string;
  readonly bytes: Uint8Array;
  /** A description of a picture for people who cannot see it; null for text. */
  readonly altText: string | null;
}

/** ms that the file's own upload may take. */
const uploadMs = 15_000;
const longestAltText = 1000;

/**
 * Uploads a file, into a thread or (without one) for a block that will show it. Answers with its id.
 * @throws Failure, also `chat-upload-failed` when the file itself was not taken
 */
export async function uploadFile(
  client: webApi.WebClient,
  { name, title, bytes, altText }: FileToSend,
  to: { readonly channel: string; readonly thread: string } | null,
): Promise<string> {
  const { upload_url: url, file_id: id } = await called('files.getUploadURLExternal', () =>
    client.files.getUploadURLExternal({
      filename: name,
      length: bytes.byteLength,
      // NOTE: Slack silently does not share a text file that has one.
      ...(altText === null ? {} : { alt_txt: cut(altText, longestAltText) }),
    }),
  );
  if (url === undefined || id === undefined)
    throw new Failure('chat-upload-failed', 'Slack gave no place for the file.');
  await send(url, bytes);
  const files: [{ id: string; title: string }] = [{ id, title }];
  await called('files.completeUploadExternal', () =>
    client.files.completeUploadExternal(
      to === null ? { files } : { files, channel_id: to.channel, thread_ts: to.thread },
    ),
  );
  return id;
}

async function called<T>(method: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw asSlackFailure(error, method);
  }
}

async function send(url: string, bytes: Uint8Array): Promise<void> {
  let answer: Response;
  try {
    answer = await slackFetch(uploadMs)(url, { method: 'POST', body: bytes });
  } catch (error) {
    throw new Failure('chat-upload-failed', 'The file could not be sent to Slack. Please try again.', {
      cause: error,
    });
  }
  if (!answer.ok)
    throw new Failure('chat-upload-failed', `Slack did not take the file (HTTP ${answer.status}). Please try again.`);
}
