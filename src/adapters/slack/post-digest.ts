import type { webApi } from '@slack/bolt';
import type { Undecided } from '../../core/talk/digest.ts';
import { renderDigest } from './blocks/digest.ts';
import { withReadersTime } from './blocks/readers-time.ts';
import { quiet } from './chat.ts';
import { asSlackFailure } from './slack-failure.ts';

/** Posts the daily message about undecided suspects. @throws Failure */
export async function postDigest(
  client: webApi.WebClient,
  channel: string,
  suspects: readonly Undecided[],
): Promise<void> {
  const { text, blocks } = withReadersTime(renderDigest(suspects), Date.now());
  try {
    await client.chat.postMessage({ channel, text, blocks, ...quiet });
  } catch (error) {
    throw asSlackFailure(error, 'chat.postMessage');
  }
}
