import { z } from 'zod';
import { Failure, type Retry } from '../../core/failure.ts';
import { redact } from '../../core/redact/redact.ts';
import { isUnsent, networkCode } from '../../core/network-code.ts';
import { minuteMs } from '../../core/units/duration.ts';
import { bounded } from '../../core/units/text-bounds.ts';
import { boundOf } from '../bounded-fetch.ts';

/** A request to GitHub as the error's sentence names it: the repository, and the action in words after "could not". */
export interface Asked {
  /** `owner/name` */
  readonly repo: string;
  readonly what: string;
}

interface Row {
  readonly status: readonly number[];
  /** What GitHub says; any where it is absent. */
  readonly says?: RegExp;
  readonly code: string;
  readonly message: (asked: Asked) => string;
  readonly retry: Retry;
}

const rights = 'It needs "contents" and "pull requests" with read and write access';

/** The first row that fits decides; what fits none is `github-refused`, or above 500 `github-server-error`. */
const rows: readonly Row[] = [
  {
    status: [401],
    code: 'github-bad-credentials',
    message: () =>
      'GitHub does not accept the credentials. They may have expired or been revoked: check GITHUB_TOKEN, or the id and private key of the App.',
    retry: 'never',
  },
  {
    status: [403, 404, 409, 422],
    says: /archived/i,
    code: 'github-archived',
    message: ({ repo }) =>
      `${repo} is archived and so read-only. Name the repository that took its place, or change the value by hand.`,
    retry: 'never',
  },
  {
    status: [403],
    says: /suspended/i,
    code: 'github-no-access',
    message: ({ repo }) => `The installation of the GitHub App that covers ${repo} is suspended. Unsuspend it.`,
    retry: 'never',
  },
  {
    status: [403, 405, 409, 422],
    says: /through a pull request|protected branch|rule violation|cannot force-push/i,
    code: 'github-branch-protected',
    message: ({ repo, what }) =>
      `A rule of ${repo} protects the branch, so Oomkeeper could not ${what}. Let it write to branches below oomkeeper/.`,
    retry: 'never',
  },
  {
    status: [403],
    code: 'github-no-access',
    message: ({ repo, what }) => `Oomkeeper may not ${what} in ${repo}. ${rights} there.`,
    retry: 'never',
  },
  {
    status: [404, 410, 451],
    code: 'github-no-access',
    message: ({ repo, what }) =>
      `Oomkeeper could not ${what}: there is no ${repo}, or the credentials do not reach it. ${rights} there.`,
    retry: 'never',
  },
  {
    status: [409],
    says: /repository is empty/i,
    code: 'github-refused',
    message: ({ repo }) => `${repo} is empty, so there is no file to change.`,
    retry: 'never',
  },
  {
    status: [409],
    code: 'github-conflict',
    message: ({ repo, what }) => `Someone changed ${repo} at the same moment, so Oomkeeper could not ${what}.`,
    retry: 'backoff',
  },
  // These mean that the repository has changed since it was read.
  {
    status: [422],
    says: /already exists|does not exist|no commits between|wasn't supplied|not a fast forward/i,
    code: 'github-conflict',
    message: ({ repo, what }) => `${repo} was changed at the same moment, so Oomkeeper could not ${what}.`,
    retry: 'backoff',
  },
];

const responseSchema = z.object({
  status: z.number(),
  message: z.string(),
  response: z.object({ headers: z.record(z.string(), z.unknown()).default({}), data: z.unknown() }).optional(),
});
const dataSchema = z.object({
  message: z.string(),
  errors: z
    .array(z.union([z.string(), z.object({ message: z.string() }).transform(({ message }) => message)]))
    .catch([]),
});

/** Codes of a certificate that is not trusted, such as one of a company's own authority: nothing was sent then either. */
const untrusted = /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT_)/;
/** GitHub asks for a minute where it does not say how long. */
const usualWaitMs = minuteMs;

/** What octokit throws, as one of our Failures; a Failure passes unchanged. `now` is ms UTC. */
export function asGithubFailure(error: unknown, asked: Asked, now: number): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof z.ZodError) return unreadable(asked, error);
  if (isNoKey(error)) return noKey(error);
  dropBody(error);
  const bound = boundOf(error);
  if (bound !== null) return unreadable(asked, error, bound.message);
  const parsed = responseSchema.safeParse(error);
  if (!parsed.success || parsed.data.response === undefined) return networkFailure(error, asked);
  const { status, response } = parsed.data;
  const said = saidIn(response.data);

  const waitMs = rateLimitWait(status, said, response.headers, now);
  if (waitMs !== null) {
    const message = `GitHub asks for fewer requests, so Oomkeeper could not ${asked.what} yet; it tries again in ${Math.ceil(waitMs / 1000)} s.`;
    return new Failure('github-rate-limited', message, { retry: { afterMs: waitMs }, cause: error });
  }
  const row = rows.find((one) => one.status.includes(status) && (one.says?.test(said) ?? true));
  if (row !== undefined) return new Failure(row.code, row.message(asked), { retry: row.retry, cause: error });
  const where = `(${asked.repo}, HTTP ${status}${said === '' ? '' : `: ${said}`})`;
  if (status >= 500) {
    const message = `GitHub had an error of its own when Oomkeeper wanted to ${asked.what}; it may have happened all the same ${where}.`;
    return new Failure('github-server-error', message, { retry: 'backoff', cause: error });
  }
  return new Failure('github-refused', `GitHub would not let Oomkeeper ${asked.what} ${where}.`, { cause: error });
}

/** NOTE: the cause of a failure is logged with all that it has, and the body of a request is a whole file. */
function dropBody(error: unknown): void {
  if (typeof error !== 'object' || error === null || !('request' in error)) return;
  const { request } = error;
  if (typeof request === 'object' && request !== null) Reflect.deleteProperty(request, 'body');
}

/** Whether the repository may have changed meanwhile, so that reading it again may show the next step. */
export function looksAgain({ code }: Failure): boolean {
  return ['github-conflict', 'github-server-error', 'github-timeout', 'github-unreadable'].includes(code);
}

/** An answer of the wrong form: from a proxy in between, or cut short. */
export function unreadable({ what, repo }: Asked, cause: unknown, why = ''): Failure {
  const because = why === '' ? '' : ` ${why}`;
  const message = `GitHub's answer cannot be read, when Oomkeeper wanted to ${what} (${repo}).${because} Check that GITHUB_API_URL is the API's.`;
  return new Failure('github-unreadable', message, { retry: 'backoff', cause });
}

/** NOTE: octokit signs before it asks, and these carry no status: without this they would read as a slow network. */
function isNoKey(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return error.name === 'DataError' || code.startsWith('ERR_OSSL');
}

function noKey(cause: unknown): Failure {
  const message = 'GITHUB_PRIVATE_KEY is no private key: it has to be the whole PEM file that GitHub gave for the App.';
  return new Failure('github-bad-credentials', message, { cause });
}

function networkFailure(error: unknown, { what }: Asked): Failure {
  const code = networkCode(error);
  if (code !== null && isUnsent(code)) {
    const message = `GitHub cannot be reached (${code}). Check the network, or GITHUB_API_URL if it is set.`;
    return new Failure('github-unreachable', message, { retry: 'backoff', cause: error });
  }
  if (code !== null && untrusted.test(code)) {
    const message = `GitHub's certificate is not trusted (${code}). Name your authority's certificate in NODE_EXTRA_CA_CERTS, or check GITHUB_API_URL.`;
    return new Failure('github-unreachable', message, { retry: 'backoff', cause: error });
  }
  const message = `GitHub did not answer in time when Oomkeeper wanted to ${what}; it may have happened all the same.`;
  return new Failure('github-timeout', message, { retry: 'backoff', cause: error });
}

/** ms until the limit is over; null where it is none. */
function rateLimitWait(
  status: number,
  said: string,
  headers: Readonly<Record<string, unknown>>,
  now: number,
): number | null {
  if (status !== 403 && status !== 429) return null;
  const after = Number(headers['retry-after'] ?? Number.NaN);
  if (after >= 0) return after * 1000;
  const reset = Number(headers['x-ratelimit-reset'] ?? Number.NaN);
  if (String(headers['x-ratelimit-remaining']) === '0' && reset > 0) return Math.max(1000, reset * 1000 - now + 1000);
  return status === 429 || /rate limit/i.test(said) ? usualWaitMs : null;
}

function saidIn(data: unknown): string {
  const parsed = dataSchema.safeParse(data);
  if (!parsed.success) return '';
  return bounded(
    redact([parsed.data.message, ...parsed.data.errors].join(', ').replaceAll(/\s+/g, ' ')),
    'serverWords',
  );
}
