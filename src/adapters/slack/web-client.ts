import { webApi } from '@slack/bolt';
import type { Failure } from '../../core/failure.ts';
import { boundedFetch } from '../bounded-fetch.ts';
import type { SlackLogger } from './slack-logger.ts';
import { lackingScopes } from './scopes.ts';
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
  /** The workspace that the bot is installed in, and the Enterprise Grid organisation that it belongs to. */
  readonly teamId: string;
  readonly enterpriseId: string | null;
  /** A sentence for each scope that the token lacks; none where Slack does not say. */
  readonly warnings: readonly string[];
  /** `https://acme.slack.com/`; null where Slack does not say. */
  readonly teamUrl: string | null;
}

/**
 * A Web API client that neither waits nor retries: after a 429 the SDK would stop and reorder its whole queue. The
 * channels' queues do the pacing and retrying.
 */
export function createWebClient(options: WebClientOptions): webApi.WebClient {
  return new webApi.WebClient(options.token, { ...clientOptions(options), logger: options.logger });
}

/** For every client of the SDK, those that Bolt makes too. */
export function clientOptions({ slackApiUrl, timeoutMs }: Pick<WebClientOptions, 'slackApiUrl' | 'timeoutMs'>) {
  return {
    ...(slackApiUrl === undefined ? {} : { slackApiUrl }),
    rejectRateLimitedCalls: true,
    retryConfig: { retries: 0 },
    timeout: timeoutMs,
    // `respond` has no time-out of its own.
    fetch: slackFetch(timeoutMs),
  };
}

/** A page of messages, channels or user groups has less. */
const mostBytes = 8 * 2 ** 20;

export function slackFetch(timeoutMs: number): typeof globalThis.fetch {
  return boundedFetch({ timeoutMs, mostBytes, redirects: 'none' });
}

/** @throws Failure `chat-invalid-auth`, or the reason why Slack does not answer */
export async function identify(client: webApi.WebClient): Promise<SlackIdentity> {
  try {
    const said = await client.auth.test();
    const scopes = said.response_metadata?.scopes;
    return {
      botUserId: said.user_id ?? '',
      botId: said.bot_id ?? '',
      teamId: said.team_id ?? '',
      enterpriseId: said.enterprise_id ?? null,
      warnings:
        scopes === undefined
          ? []
          : lackingScopes(scopes).map(
              ([scope, why]) => `The Slack app lacks the scope ${scope} (${why}): add it and install the app again.`,
            ),
      teamUrl: said.url ?? null,
    };
  } catch (error) {
    throw asSlackFailure(error, 'auth.test');
  }
}

/** A channel that the bot can see. */
export interface SeenChannel {
  readonly id: string;
  readonly name: string;
  readonly isArchived: boolean;
  readonly isMember: boolean;
  readonly isPrivate: boolean;
}

const idPattern = /^[CG][A-Z0-9]{5,}$/;

export interface ResolvedChannels {
  /** Ids by what was given, names or ids; names that the bot cannot see, or whose channel is archived, are missing. */
  readonly ids: ReadonlyMap<string, string>;
  /** Those that Slack says everybody in the workspace can read. */
  readonly publicIds: ReadonlySet<string>;
  /** Why Slack did not list them, so that none counts as public; null where it did. */
  readonly unlisted: Failure | null;
}

/**
 * Channels given as ids or names: the Web API takes names only for posting. Lists the channels once.
 * @throws Failure if one was given by name and Slack does not list them
 */
export async function resolveChannels(
  client: webApi.WebClient,
  channels: readonly string[],
): Promise<ResolvedChannels> {
  const ids = new Map(channels.filter((one) => idPattern.test(one)).map((id) => [id, id]));
  const names = new Set(channels.filter((one) => !idPattern.test(one)));
  let seen: readonly SeenChannel[] = [];
  let unlisted: Failure | null = null;
  try {
    seen = await seenChannels(client, channels);
  } catch (error) {
    // Ids need no list; that nothing is known to be public only shows less.
    if (names.size > 0) throw error;
    unlisted = asSlackFailure(error, 'conversations.list');
  }
  for (const { name, id, isArchived } of seen) if (names.has(name) && !isArchived) ids.set(name, id);
  const publicIds = new Set(seen.flatMap(({ id, isPrivate }) => (isPrivate ? [] : [id])));
  return { ids, publicIds, unlisted };
}

/** What Slack says of channels given as ids or names, in no order; of others too. @throws Failure */
export async function seenChannels(
  client: webApi.WebClient,
  wanted: readonly string[],
): Promise<readonly SeenChannel[]> {
  const missing = new Set(wanted);
  const seen: SeenChannel[] = [];
  let cursor: string | undefined;
  try {
    do {
      const page = await client.conversations.list({
        limit: 200,
        types: 'public_channel,private_channel',
        ...(cursor === undefined ? {} : { cursor }),
      });
      for (const { id = '', name = '', is_archived, is_member, is_private } of page.channels ?? []) {
        const isPrivate = is_private !== false;
        seen.push({ id, name, isArchived: is_archived === true, isMember: is_member !== false, isPrivate });
        missing.delete(id);
        missing.delete(name);
      }
      cursor = page.response_metadata?.next_cursor;
    } while (missing.size > 0 && cursor !== undefined && cursor !== '');
  } catch (error) {
    throw asSlackFailure(error, 'conversations.list');
  }
  return seen;
}

/** `chat-no-such-channel` */
export function noSuchChannel(name: string): Failure {
  const error = new webApi.WebAPIPlatformError({ ok: false, error: 'channel_not_found' });
  return asSlackFailure(error, `conversations.list, looking for #${name}`);
}
