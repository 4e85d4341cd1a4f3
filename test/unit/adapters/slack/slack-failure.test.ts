import { webApi } from '@slack/bolt';
import { expect, test } from 'vitest';
import { asSlackFailure } from '../../../../src/adapters/slack/slack-failure.ts';
import { Failure } from '../../../../src/core/failure.ts';

const platform = (error: string) => new webApi.WebAPIPlatformError({ ok: false, error });
const network = (code: string) =>
  new webApi.WebAPIRequestError(new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) }));

test.each([
  [platform('invalid_auth'), 'slack-invalid-auth', 'never'],
  [platform('token_revoked'), 'slack-invalid-auth', 'never'],
  [platform('missing_scope'), 'slack-missing-scope', 'never'],
  [platform('not_in_channel'), 'slack-not-in-channel', 'backoff'],
  [platform('channel_not_found'), 'slack-no-such-channel', 'backoff'],
  [platform('is_archived'), 'slack-archived', 'backoff'],
  [platform('restricted_action_thread_only_channel'), 'slack-archived', 'backoff'],
  [platform('message_not_found'), 'slack-message-gone', 'never'],
  [platform('edit_window_closed'), 'slack-edit-closed', 'never'],
  [platform('invalid_blocks'), 'slack-invalid-blocks', 'never'],
  [platform('user_not_in_channel'), 'slack-user-not-in-channel', 'never'],
  [platform('hash_conflict'), 'slack-view-changed', 'never'],
  [platform('not_found'), 'slack-view-gone', 'never'],
  [platform('ratelimited'), 'slack-rate-limited', { afterMs: 1000 }],
  [platform('team_added_to_org'), 'slack-unreachable', 'backoff'],
  [platform('fatal_error'), 'slack-server-error', 'backoff'],
  [platform('something_new'), 'slack-refused', 'never'],
  [new webApi.WebAPIRateLimitedError(7), 'slack-rate-limited', { afterMs: 7000 }],
  [new webApi.WebAPIHTTPError(500, 'oops', {}), 'slack-server-error', 'backoff'],
  // Of a proxy in between: what Slack itself refuses for good, as `slack-refused`, is left out of the thread.
  [new webApi.WebAPIHTTPError(403, 'no', {}), 'slack-unreachable', 'backoff'],
  [network('ECONNREFUSED'), 'slack-unreachable', 'backoff'],
  [network('ENOTFOUND'), 'slack-unreachable', 'backoff'],
  [network('ECONNRESET'), 'slack-timeout', 'backoff'],
  [new webApi.WebAPIRequestError(new DOMException('late', 'TimeoutError')), 'slack-timeout', 'backoff'],
  [undefined, 'slack-timeout', 'backoff'],
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
