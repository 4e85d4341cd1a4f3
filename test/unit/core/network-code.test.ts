import { expect, test } from 'vitest';
import { isUnsent, networkCode } from '../../../src/core/network-code.ts';

function coded(code: unknown, cause?: unknown): Error {
  return Object.assign(new Error('no', { cause }), { code });
}

test.each([
  [coded('ECONNREFUSED'), 'ECONNREFUSED'],
  [coded('slack_webapi_request_error', coded('ECONNRESET')), 'ECONNRESET'],
  [coded('ECONNRESET', new Error('no code', { cause: coded('ETIMEDOUT') })), 'ETIMEDOUT'],
  [coded('ECONNRESET', coded('slack_webapi_request_error')), 'ECONNRESET'],
  [coded('CERT_HAS_EXPIRED'), 'CERT_HAS_EXPIRED'],
  [coded(404), null],
  [new Error('no code'), null],
  ['ECONNREFUSED', null],
])('the innermost network code of an error is found (%#)', (error, code) => {
  expect(networkCode(error)).toBe(code);
});

test('an error that causes itself ends the search', () => {
  const round = coded('EPIPE');
  round.cause = round;

  expect(networkCode(round)).toBe('EPIPE');
});

test('only what failed before the connection stood was surely not sent', () => {
  expect(['ECONNREFUSED', 'ENOTFOUND', 'UND_ERR_CONNECT_TIMEOUT'].map(isUnsent)).toEqual([true, true, true]);
  expect(['ECONNRESET', 'ETIMEDOUT', 'CERT_HAS_EXPIRED'].map(isUnsent)).toEqual([false, false, false]);
});
