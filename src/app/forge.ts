import type { GithubAuth } from '../adapters/github/client.ts';
import { createForge } from '../adapters/github/forge.ts';
import { Failure } from '../core/failure.ts';
import type { PacedForge } from '../flow/forge/needs.ts';
import { paceForge } from '../flow/forge/pace-forge.ts';
import type { Config } from './config/config.ts';
import type { ProcessContext } from './process.ts';

/** What octokit's own calls may take, ms. */
const deadlineMs = 15_000;
/** A pull request is not checked more often than this, ms, however often its workload is killed meanwhile. */
const checkEveryMs = 15_000;

/**
 * The forge as it is configured; null where none is, and then no pull request is offered.
 * @throws Failure('bad-configuration') for half a configuration
 */
export function forgeFor({ config, log }: Pick<ProcessContext, 'config' | 'log'>): PacedForge | null {
  const auth = forgeAuth(config);
  if (auth === null) return null;
  const forge = createForge({ baseUrl: config.GITHUB_API_URL, auth, deadlineMs, now: Date.now, log });
  // If it is polled often, as in a demo, it may be checked often too.
  const pacing = Math.min(checkEveryMs, config.timing.pollPullRequestsMs / 4);
  return paceForge(forge, { checkEveryMs: pacing, now: Date.now });
}

/** Our credentials; null if no forge is configured. @throws Failure('bad-configuration') */
export function forgeAuth({
  GITHUB_TOKEN: token,
  GITHUB_APP_ID: appId,
  GITHUB_PRIVATE_KEY: privateKey,
}: Config): GithubAuth | null {
  if (token !== undefined && appId !== undefined)
    throw new Failure('bad-configuration', 'GITHUB_TOKEN and GITHUB_APP_ID are both set; empty one of them.');
  if (token !== undefined) return { token };
  if (appId === undefined && privateKey === undefined) return null;
  if (appId === undefined || privateKey === undefined)
    throw new Failure('bad-configuration', 'A GitHub App needs both GITHUB_APP_ID and GITHUB_PRIVATE_KEY.');
  return { appId: Number(appId), privateKey };
}
