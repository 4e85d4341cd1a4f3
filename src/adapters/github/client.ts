import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/core';
import { restEndpointMethods } from '@octokit/plugin-rest-endpoint-methods';
import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { z } from 'zod';
import { Failure } from '../../core/failure.ts';
import { boundedFetch } from '../bounded-fetch.ts';
import { asGithubFailure } from './github-failure.ts';
import { minuteMs } from '../../core/units/duration.ts';

/** Where log lines go: constant message, variable fields. */
export interface Log {
  readonly debug: (fields: object, message: string) => void;
  readonly warn: (fields: object, message: string) => void;
}

/** A personal (fine-grained) token, or a GitHub App; `installationId` is looked up by repository where it is not given. */
export type GithubAuth =
  | { readonly token: string }
  | { readonly appId: number; readonly privateKey: string; readonly installationId?: number };

export interface ClientOptions {
  /** `https://api.github.com`, or `https://HOST/api/v3` of an Enterprise server. */
  readonly baseUrl: string;
  readonly auth: GithubAuth;
  /** For one request, ms. */
  readonly deadlineMs: number;
  /** ms UTC */
  readonly now: () => number;
  readonly log: Log;
  /** `github`, the default, leaves a second between writes and three before a pull request, as GitHub asks for. */
  readonly pace?: 'github' | 'none';
}

export interface RepositoryName {
  readonly owner: string;
  readonly repo: string;
}

const Client = Octokit.plugin(restEndpointMethods, retry, throttling);
export type GithubClient = InstanceType<typeof Client>;

/** An option of a request: reads may be retried automatically. Nothing else ever is. */
export const asRead = { request: { retries: 2 } } as const;

/** A file of a megabyte has 1.4 in an answer, thirty pull requests with long texts 2. */
const mostBytes = 8 * 2 ** 20;
const firstPauseMs = 250;
/** An App that is uninstalled and installed again has a new installation id. */
const knownForMs = 10 * minuteMs;
const installationSchema = z.object({ id: z.number() });

/** Acts as the token, or as the App itself, which sees no repository. */
export function createOwnClient(options: ClientOptions): GithubClient {
  const { auth } = options;
  if ('token' in auth) return new Client({ ...common(options), auth: auth.token });
  return new Client({ ...common(options), authStrategy: createAppAuth, auth: appKey(auth) });
}

/** What is pasted into an environment variable often has `\n` for its line ends. */
function appKey({ appId, privateKey }: { readonly appId: number; readonly privateKey: string }) {
  return { appId, privateKey: privateKey.replaceAll(String.raw`\n`, '\n') };
}

/**
 * Clients that never repeat a write: the retry plugin is off unless a request asks for it, and rate limits are reported
 * to the caller instead of waited for.
 */
export function createClients(options: ClientOptions): (name: RepositoryName) => Promise<GithubClient> {
  const { auth, now } = options;
  if ('token' in auth) {
    const client = createOwnClient(options);
    return async () => client;
  }
  const { appId, privateKey, installationId: given } = auth;
  const app = appKey({ appId, privateKey });
  const asApp = createOwnClient(options);
  const byInstallation = new Map<number, GithubClient>();
  const installations = new Map<string, { readonly id: number; readonly at: number }>();

  async function installationOf({ owner, repo }: RepositoryName): Promise<number> {
    if (given !== undefined) return given;
    const name = `${owner}/${repo}`;
    const known = installations.get(name);
    if (known !== undefined && now() - known.at < knownForMs) return known.id;
    try {
      const { data } = await asApp.rest.apps.getRepoInstallation({ owner, repo, ...asRead });
      const { id } = installationSchema.parse(data);
      installations.set(name, { id, at: now() });
      return id;
    } catch (error) {
      const failure = asGithubFailure(error, { repo: name, what: 'look for the installation of the App' }, now());
      if (failure.code !== 'github-no-access') throw failure;
      throw new Failure('github-no-access', `The GitHub App is not installed on ${name}; install it there.`, {
        cause: error,
      });
    }
  }

  return async (name) => {
    const installationId = await installationOf(name);
    const known = byInstallation.get(installationId);
    if (known !== undefined) return known;
    const client = new Client({ ...common(options), authStrategy: createAppAuth, auth: { ...app, installationId } });
    byInstallation.set(installationId, client);
    return client;
  };
}

function common({ baseUrl, deadlineMs, log, pace = 'github' }: ClientOptions) {
  const logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: (message: string) => log.warn({ detail: message }, 'github client'),
    // Each of these also reaches us as a failure, which is handled.
    error: (message: string) => log.debug({ detail: message }, 'github client'),
  };
  const never = (): boolean => false;
  return {
    baseUrl: baseUrl.replace(/(?<!\/)\/+$/, ''),
    userAgent: 'oomkeeper',
    log: logger,
    request: { fetch: boundedFetch({ timeoutMs: deadlineMs, mostBytes, redirects: 'same-server' }), log: logger },
    retry: { retries: 0, retryAfterBaseValue: firstPauseMs, doNotRetry: [400, 401, 403, 404, 409, 410, 422, 429, 451] },
    throttle: { enabled: pace === 'github', id: baseUrl, onRateLimit: never, onSecondaryRateLimit: never },
  };
}
