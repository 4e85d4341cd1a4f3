import { webApi } from '@slack/bolt';
import type { SlackLogger } from './slack-logger.ts';
import { asSlackFailure } from './slack-failure.ts';

export interface WebClientOptions {
  readonly token: string;
  readonly slackApiUrl?: string | undefined;
  readonly timeoutMs: number;
  readonly logger: SlackLogger;
}

/** Who the bot is in Slack. */
export interface SlackIdentity {
  readonly botUserId: string;
  readonly botId: string;
  /** `https://acme.slack.com/`; null where Slack does not say. */
  readonly teamUrl: string | null;
}

/**
 * A Web API client that neither waits nor repeats by itself: a 429 would make the SDK stop its whole queue and reorder
 * what is in it (slack.md section 3). Pacing and repeating are done by the lanes.
 */
export function createWebClient(options: WebClientOptions): webApi.WebClient {
  return new webApi.WebClient(options.token, {
    ...(options.slackApiUrl === undefined ? {} : { slackApiUrl: options.slackApiUrl }),
    rejectRateLimitedCalls: true,
    retryConfig: { retries: 0 },
    timeout: options.timeoutMs,
    logger: options.logger,
  });
}

/** @throws Failure `slack-invalid-auth` and whatever else keeps Slack from answering. */
export async function identify(client: webApi.WebClient): Promise<SlackIdentity> {
  try {
    const { user_id: botUserId, bot_id: botId, url } = await client.auth.test();
    return { botUserId: botUserId ?? '', botId: botId ?? '', teamUrl: url ?? null };
  } catch (error) {
    throw asSlackFailure(error, 'auth.test');
  }
}

/**
 * The id of a channel given as an id, `#name` or `name`; of an archived one only on request. The Web API takes names
 * only for posting. @throws Failure `slack-no-such-channel`.
 */
export async function resolveChannel(
  client: webApi.WebClient,
  channel: string,
  { archivedToo = false }: { readonly archivedToo?: boolean } = {},
): Promise<string> {
  if (/^[CG][A-Z0-9]{5,}$/.test(channel)) return channel;
  const name = channel.replace(/^#/, '');
  let cursor: string | undefined;
  try {
    do {
      const page = await client.conversations.list({
        exclude_archived: !archivedToo,
        limit: 200,
        types: 'public_channel,private_channel',
        ...(cursor === undefined ? {} : { cursor }),
      });
      const found = page.channels?.find((one) => one.name === name)?.id;
      if (found !== undefined) return found;
      cursor = page.response_metadata?.next_cursor;
    } while (cursor !== undefined && cursor !== '');
  } catch (error) {
    throw asSlackFailure(error, 'conversations.list');
  }
  throw asSlackFailure(
    new webApi.WebAPIPlatformError({ ok: false, error: 'channel_not_found' }),
    `conversations.list, looking for #${name}`,
  );
}
