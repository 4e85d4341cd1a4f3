import { checkAccess, checkCredentials } from '../../adapters/github/check-access.ts';
import type { ClientOptions } from '../../adapters/github/client.ts';
import type { Source } from '../../core/remediate/source.ts';
import type { Config } from '../config/config.ts';
import { forgeAuth } from '../forge.ts';
import { readPolicy } from '../config/policy-file.ts';
import { check, ok, problem, skipped, warning } from './finding.ts';
import type { Finding, Outcome } from './finding.ts';
import { byPolicy, bySetting } from './mend.ts';

const deadlineMs = 10_000;

/** Whether the forge is configured, lets us in, and what we may do with the repositories that the policy file maps. */
export async function checkForge(config: Config): Promise<readonly Finding[]> {
  const mend = bySetting(
    'Set GITHUB_TOKEN, or both GITHUB_APP_ID and GITHUB_PRIVATE_KEY, to credentials that GitHub accepts.',
    { GITHUB_TOKEN: 'github_pat_…' },
  );
  let options: ClientOptions | undefined;
  const credentials = await check('forge', 'credentials', mend, async () => {
    const auth = forgeAuth(config);
    if (auth === null) return skipped('Neither GITHUB_TOKEN nor GITHUB_APP_ID is set, so no pull request is offered.');
    const log = { debug: () => undefined, warn: () => undefined };
    const given: ClientOptions = { baseUrl: config.GITHUB_API_URL, auth, deadlineMs, now: Date.now, log };
    const who = await checkCredentials(given);
    options = given;
    return ok(`GitHub accepts ${who}.`);
  });
  if (options === undefined) return [credentials];
  const hook = await check('forge', 'webhook', hookMend, () => checkWebhook(config));
  return [credentials, hook, ...(await checkRepositories(config, options))];
}

const hookMend = bySetting(
  'Set it for the bot, and point a webhook for pull requests at its /github/webhook.',
  { GITHUB_WEBHOOK_SECRET: 'a-long-random-text' },
  ['--set http.enabled=true'],
);

function checkWebhook(config: Config): Outcome {
  return config.GITHUB_WEBHOOK_SECRET === undefined
    ? warning('GITHUB_WEBHOOK_SECRET is not set, so a merge is only noticed by polling, once a minute.', hookMend)
    : ok(`The bot listens for it at /github/webhook on port ${config.OOMKEEPER_HTTP_PORT}.`);
}

async function checkRepositories(config: Config, options: ClientOptions): Promise<readonly Finding[]> {
  const repositories = new Map<string, Source>();
  const mapped = await check(
    'forge',
    'repositories',
    byPolicy('Fix the file that OOMKEEPER_POLICY names.'),
    async () => {
      const { sources } = await readPolicy(config);
      for (const { source } of sources) repositories.set(`${source.owner}/${source.repo}`, source);
      return skipped('The policy file maps none; those that annotations name are checked when they are used.');
    },
  );
  if (repositories.size === 0) return [mapped];
  return Promise.all([...repositories].map(([name, source]) => checkRepository(name, source, options)));
}

function checkRepository(name: string, { owner, repo }: Source, options: ClientOptions): Promise<Finding> {
  const mend = `Give the token or App "Contents" and "Pull requests" with read and write on ${name}.`;
  return check('forge', name, mend, async () => {
    const { archived, lacks } = await checkAccess(options, { owner, repo });
    if (archived)
      return problem(
        `${name} is archived: nothing can be changed in it.`,
        byPolicy('Name the repository that took its place in "sources" of the policy file.'),
      );
    if (lacks.length > 0) return problem(`${name} can be read, but its ${lacks.join(' and ')} not written.`, mend);
    return ok(`${name} can be reached and written.`);
  });
}
