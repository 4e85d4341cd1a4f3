import { webApi } from '@slack/bolt';
import { Failure, type Retry } from '../../core/failure.ts';
import { boundOf } from '../bounded-fetch.ts';
import { isUnsent, networkCode } from '../../core/network-code.ts';

interface Row {
  readonly code: string;
  readonly message: string;
  readonly retry: Retry;
}

/** Slack's error codes -> ours. Unlisted ones become `chat-refused` and are not retried. */
const platformErrors: Readonly<Record<string, Row>> = {
  ...rows(['invalid_auth', 'not_authed', 'account_inactive', 'token_revoked', 'token_expired'], {
    code: 'chat-invalid-auth',
    message: 'Slack does not accept the token. Check SLACK_BOT_TOKEN and SLACK_APP_TOKEN, or install the app again',
    retry: 'never',
  }),
  ...rows(['user_removed_from_team', 'team_disabled', 'not_allowed_token_type', 'org_login_required'], {
    code: 'chat-invalid-auth',
    message: 'Slack no longer lets this app in. Install it again in the workspace',
    retry: 'never',
  }),
  ...rows(['missing_scope', 'no_permission', 'ekm_access_denied'], {
    code: 'chat-missing-scope',
    message: 'The Slack app lacks a permission. Add the scope to the app and install it again',
    retry: 'never',
  }),
  ...rows(['not_in_channel'], {
    code: 'chat-not-in-channel',
    message: 'The bot is not in the channel. Invite it with /invite',
    retry: 'backoff',
  }),
  ...rows(['channel_not_found'], {
    code: 'chat-no-such-channel',
    message:
      'There is no such channel, or the bot cannot see it. Check OOMKEEPER_CHANNEL, or the route in the policy file, and invite the bot',
    retry: 'backoff',
  }),
  ...rows(
    [
      'is_archived',
      'channel_is_archived',
      'restricted_action',
      'restricted_action_read_only_channel',
      'restricted_action_thread_only_channel',
    ],
    {
      code: 'chat-archived',
      message:
        'The channel is archived or read-only. Set OOMKEEPER_CHANNEL, or the route in the policy file, to one that can be written to',
      retry: 'backoff',
    },
  ),
  ...rows(['message_not_found', 'thread_not_found', 'cannot_reply_to_message'], {
    code: 'chat-message-gone',
    message: 'The message was deleted in Slack',
    retry: 'never',
  }),
  ...rows(['edit_window_closed', 'cant_update_message', 'cant_edit_messages_in_deleted_users_dm'], {
    code: 'chat-edit-closed',
    message: 'Slack no longer lets this message be edited',
    retry: 'never',
  }),
  ...rows(['invalid_blocks', 'invalid_blocks_format', 'invalid_metadata_format', 'metadata_too_large'], {
    code: 'chat-invalid-message',
    message: 'Slack does not accept the form of the message',
    retry: 'never',
  }),
  ...rows(['msg_too_long', 'msg_blocks_too_long', 'no_text', 'invalid_arguments', 'invalid_arg_name'], {
    code: 'chat-invalid-message',
    message: 'Slack does not accept the message',
    retry: 'never',
  }),
  ...rows(['user_not_in_channel', 'user_not_found', 'user_not_visible'], {
    code: 'chat-not-a-member',
    message: 'The person is not in the channel, so nothing can be shown to them alone there',
    retry: 'never',
  }),
  ...rows(['not_found', 'view_not_found'], {
    code: 'chat-view-gone',
    message: 'The dialog was closed in Slack',
    retry: 'never',
  }),
  ...rows(['hash_conflict'], {
    code: 'chat-view-changed',
    message: 'The dialog has changed since',
    retry: 'never',
  }),
  ...rows(['ratelimited', 'rate_limited', 'message_limit_exceeded'], {
    code: 'chat-rate-limited',
    message: 'Slack asks for fewer calls',
    retry: { afterMs: 1000 },
  }),
  ...rows(['team_added_to_org', 'external_channel_migrating'], {
    code: 'chat-unreachable',
    message: 'Slack is moving this workspace or channel and takes nothing for it until that is done',
    retry: 'backoff',
  }),
  // NOTE: Slack says of these that some aspect of the operation may have succeeded.
  ...rows(['fatal_error', 'internal_error', 'service_unavailable', 'request_timeout', 'accesslimited'], {
    code: 'chat-server-error',
    message: 'Slack had an error of its own',
    retry: 'backoff',
  }),
};

/** What the Slack SDK throws, as one of our Failures; a Failure passes unchanged. */
export function asSlackFailure(error: unknown, method: string): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof webApi.WebAPIRateLimitedError) {
    return new Failure('chat-rate-limited', `Slack asks for fewer calls of ${method}.`, {
      retry: { afterMs: error.retryAfter * 1000 },
      cause: error,
    });
  }
  if (error instanceof webApi.WebAPIPlatformError) return platformFailure(error, method);
  if (error instanceof webApi.WebAPIHTTPError && error.statusCode < 500) {
    const message = `${method} was answered with HTTP ${error.statusCode}, which Slack does not do: see whether a proxy in between refuses it.`;
    return new Failure('chat-unreachable', message, { retry: 'backoff', cause: error });
  }
  if (error instanceof webApi.WebAPIHTTPError) {
    const message = `Slack answered ${method} with HTTP ${error.statusCode}; it may have happened all the same.`;
    return new Failure('chat-server-error', message, { retry: 'backoff', cause: error });
  }
  const bound = boundOf(error);
  if (bound?.code === 'answer-redirected') {
    const message = `Slack cannot be reached: ${bound.message} Check SLACK_API_URL, or see whether a proxy asks to log in.`;
    return new Failure('chat-unreachable', message, { retry: 'backoff', cause: error });
  }
  if (bound !== null) {
    const message = `Slack's answer to ${method} cannot be read; it may have happened all the same. ${bound.message}`;
    return new Failure('chat-server-error', message, { retry: 'backoff', cause: error });
  }
  const code = networkCode(error);
  if (code !== null && isUnsent(code)) {
    const message = `Slack cannot be reached (${code}). Check the network, or SLACK_API_URL if it is set.`;
    return new Failure('chat-unreachable', message, { retry: 'backoff', cause: error });
  }
  const message = `Slack did not answer ${method} in time; it may have happened all the same.`;
  return new Failure('chat-timeout', message, { retry: 'backoff', cause: error });
}

function platformFailure(error: webApi.WebAPIPlatformError, method: string): Failure {
  const row = platformErrors[error.data.error];
  const details = (error.data.response_metadata?.messages ?? []).join(' ');
  const needed = 'needed' in error.data && typeof error.data.needed === 'string' ? `, needs ${error.data.needed}` : '';
  const tail = `(${method}: ${error.data.error}${needed}${details === '' ? '' : `, ${details}`})`;
  const known = row ?? { code: 'chat-refused', message: 'Slack refused', retry: 'never' as const };
  return new Failure(known.code, `${known.message} ${tail}.`, { retry: known.retry, cause: error });
}

function rows(words: readonly string[], row: Row): Record<string, Row> {
  return Object.fromEntries(words.map((word) => [word, row]));
}
