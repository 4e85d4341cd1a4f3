import { expect, test } from 'vitest';
import { z } from 'zod';
import { asGithubFailure, looksAgain } from '../../../../src/adapters/github/github-failure.ts';
import { Failure } from '../../../../src/core/failure.ts';

const now = Date.UTC(2026, 10, 24, 12);
const asked = { repo: 'shop/infra', what: 'open the pull request' };

/** What octokit throws for an answer. */
function answered(status: number, data: unknown, headers: Record<string, string> = {}): Error {
  const message = `${JSON.stringify(data)} - https://docs.github.com/rest`;
  return Object.assign(new Error(message), { status, response: { headers, data } });
}

/** What octokit throws where there was no answer. */
function unanswered(code: string): Error {
  const cause = new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });
  return Object.assign(new Error('fetch failed', { cause }), { status: 500 });
}

const said = (message: string, ...errors: readonly unknown[]): object => ({ message, errors });
const seconds = (count: number): { readonly afterMs: number } => ({ afterMs: count * 1000 });

const rows: readonly (readonly [string, Error, string, Failure['retry'], RegExp])[] = [
  ['401', answered(401, said('Bad credentials')), 'github-bad-credentials', 'never', /expired or been revoked/],
  ['archived', answered(403, said('Repository was archived so is read-only.')), 'github-archived', 'never', /archived/],
  ['suspended', answered(403, said('This installation has been suspended')), 'github-no-access', 'never', /Unsuspend/],
  [
    'no right',
    answered(403, said('Resource not accessible by integration')),
    'github-no-access',
    'never',
    /may not open the pull request in shop\/infra/,
  ],
  ['404', answered(404, said('Not Found')), 'github-no-access', 'never', /there is no shop\/infra, or/],
  [
    'protected, 422',
    answered(422, said('Changes must be made through a pull request.')),
    'github-branch-protected',
    'never',
    /A rule of shop\/infra/,
  ],
  [
    'protected, 409',
    answered(409, said('Could not update file: Changes must be made through a pull request.')),
    'github-branch-protected',
    'never',
    /A rule/,
  ],
  ['a rule set', answered(422, said('Repository rule violations found')), 'github-branch-protected', 'never', /A rule/],
  ['empty', answered(409, said('Git Repository is empty.')), 'github-refused', 'never', /is empty/],
  ['409', answered(409, said('apps/a.yaml does not match 1234')), 'github-conflict', 'backoff', /at the same moment/],
  [
    'a second pull request',
    answered(422, said('Validation Failed', { message: 'A pull request already exists for shop:x.' })),
    'github-conflict',
    'backoff',
    /at the same moment/,
  ],
  [
    'a second branch',
    answered(422, said('Reference already exists')),
    'github-conflict',
    'backoff',
    /at the same moment/,
  ],
  [
    '422',
    answered(422, said('Validation Failed', { message: 'base is invalid' }, 'x')),
    'github-refused',
    'never',
    /HTTP 422: Validation Failed, base is invalid, x/,
  ],
  ['500', answered(500, 'oops'), 'github-server-error', 'backoff', /may have happened all the same/],
  ['503', answered(503, said('Unavailable')), 'github-server-error', 'backoff', /HTTP 503: Unavailable/],
  [
    'secondary limit',
    answered(403, said('You have exceeded a secondary rate limit.'), { 'retry-after': '42' }),
    'github-rate-limited',
    seconds(42),
    /in 42 s/,
  ],
  [
    'secondary limit that does not say how long',
    answered(403, said('You have exceeded a secondary rate limit.')),
    'github-rate-limited',
    seconds(60),
    /in 60 s/,
  ],
  [
    'the hour is used up',
    answered(403, said('API rate limit exceeded'), {
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(now / 1000 + 90),
    }),
    'github-rate-limited',
    seconds(91),
    /in 91 s/,
  ],
  [
    'the hour was over a moment ago',
    answered(429, said('x'), { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1000 - 90) }),
    'github-rate-limited',
    seconds(1),
    /in 1 s/,
  ],
  ['429', answered(429, said('Too many')), 'github-rate-limited', seconds(60), /in 60 s/],
  [
    'refused connection',
    unanswered('ECONNREFUSED'),
    'github-unreachable',
    'backoff',
    /cannot be reached \(ECONNREFUSED\)/,
  ],
  ['no such host', unanswered('ENOTFOUND'), 'github-unreachable', 'backoff', /ENOTFOUND/],
  [
    'a certificate of an authority that Node does not know',
    unanswered('UNABLE_TO_GET_ISSUER_CERT_LOCALLY'),
    'github-unreachable',
    'backoff',
    /NODE_EXTRA_CA_CERTS/,
  ],
  [
    'a certificate for another host',
    unanswered('ERR_TLS_CERT_ALTNAME_INVALID'),
    'github-unreachable',
    'backoff',
    /ALTNAME/,
  ],
  ['cut connection', unanswered('ECONNRESET'), 'github-timeout', 'backoff', /may have happened all the same/],
  // As webcrypto and OpenSSL say it, before anything is sent.
  ['no key', new DOMException('Invalid keyData', 'DataError'), 'github-bad-credentials', 'never', /whole PEM file/],
  [
    'an old key that is none',
    Object.assign(new Error('error:1E08010C:DECODER routines::unsupported'), { code: 'ERR_OSSL_UNSUPPORTED' }),
    'github-bad-credentials',
    'never',
    /GITHUB_PRIVATE_KEY is no private key/,
  ],
  ['another shape', z.number().safeParse('x').error ?? new Error(), 'github-unreadable', 'backoff', /cannot be read/],
  ['anything else', new Error('x'), 'github-timeout', 'backoff', /did not answer in time/],
];

test.each(rows)('%s', (_, error, code, retry, says) => {
  const failure = asGithubFailure(error, asked, now);

  expect(failure).toMatchObject({ code, retry, cause: error });
  expect(failure.message).toMatch(says);
});

test('a failure passes as it is', () => {
  const failure = new Failure('source-alias', 'x');

  expect(asGithubFailure(failure, asked, now)).toBe(failure);
});

test('looking again helps where the write may have happened or the world has moved on, nowhere else', () => {
  const codes = rows
    .map(([, error]) => asGithubFailure(error, asked, now))
    .filter(looksAgain)
    .map(({ code }) => code);

  expect(new Set(codes)).toEqual(
    new Set(['github-conflict', 'github-server-error', 'github-timeout', 'github-unreadable']),
  );
});
