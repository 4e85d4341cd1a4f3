import { webApi } from '@slack/bolt';
import { expect, test } from 'vitest';
import { asSlackFailure } from '../../../../src/adapters/slack/slack-failure.ts';
import { Failure } from '../../../../src/core/failure.ts';

const platform = (error: string) => new webApi.WebAPIPlatformError({ ok: false, error });
const network = (code: string) =>
  new webApi.WebAPIRequestError(new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) }));

test.each([
  [platform('invalid_auth'), 'chat-invalid-auth', 'never'],
  [platform('token_revoked'), 'chat-invalid-auth', 'never'],
  [platform('missing_scope'), 'chat-missing-scope', 'never'],
  [platform('not_in_channel'), 'chat-not-in-channel', 'backoff'],
  [platform('channel_not_found'), 'chat-no-such-channel', 'backoff'],
  [platform('is_archived'), 'chat-archived', 'backoff'],
  [platform('restricted_action_thread_only_channel'), 'chat-archived', 'backoff'],
  [platform('message_not_found'), 'chat-message-gone', 'never'],
  [platform('edit_window_closed'), 'chat-edit-closed', 'never'],
  [platform('invalid_blocks'), 'chat-invalid-message', 'never'],
  [platform('user_not_in_channel'), 'chat-not-a-member', 'never'],
  [platform('hash_conflict'), 'chat-view-changed', 'never'],
  [platform('not_found'), 'chat-view-gone', 'never'],
  [platform('ratelimited'), 'chat-rate-limited', { afterMs: 1000 }],
  [platform('team_added_to_org'), 'chat-unreachable', 'backoff'],
  [platform('fatal_error'), 'chat-server-error', 'backoff'],
  [platform('something_new'), 'chat-refused', 'never'],
  [new webApi.WebAPIRateLimitedError(7), 'chat-rate-limited', { afterMs: 7000 }],
  [new webApi.WebAPIHTTPError(500, 'oops', {}), 'chat-server-error', 'backoff'],
  // Of a proxy in between: what Slack itself refuses for good, as `chat-refused`, is left out of the thread.
  [new webApi.WebAPIHTTPError(403, 'no', {}), 'chat-unreachable', 'backoff'],
  [network('ECONNREFUSED'), 'chat-unreachable', 'backoff'],
  [network('ENOTFOUND'), 'chat-unreachable', 'backoff'],
  [network('ECONNRESET'), 'chat-timeout', 'backoff'],
  [new webApi.WebAPIRequestError(new DOMException('late', 'TimeoutError')), 'chat-timeout', 'backoff'],
  [undefined, 'chat-timeout', 'backoff'],
] as const)('%s becomes %s', (error, code, retry) => {
  const failure = asSlackFailure(error, 'chat.postMessage');

  expect(failure).toMatchObject({ code, retry });
});

test('a Failure stays what it is', () => {
  const failure = new Failure('redis-unreachable', 'Redis is down.');

  expect(asSlackFailure(failure, 'chat.update')).toBe(failure);
});

test('a scope that is missing is named', () => {
  const said = { ok: false, error: 'missing_scope', needed: 'files:write' };
  const error = new webApi.WebAPIPlatformError(said);

  expect(asSlackFailure(error, 'files.getUploadURLExternal').message).toContain('needs files:write');
});
