import { z } from 'zod';
import { asRead, createClients, createOwnClient } from './client.ts';
import type { ClientOptions, RepositoryName } from './client.ts';
import { asGithubFailure } from './github-failure.ts';

const repositorySchema = z.object({
  archived: z.boolean().optional(),
  permissions: z.object({ push: z.boolean() }).partial().optional(),
});
const installationSchema = z.object({ permissions: z.record(z.string(), z.string()).optional() });
const appSchema = z.object({ slug: z.string().optional() });

export interface RepositoryAccess {
  readonly archived: boolean;
  /** What is needed and not granted, as GitHub names it: `contents`, `pull_requests`. Empty where GitHub does not say. */
  readonly lacks: readonly string[];
}

/** Whose credentials these are, as words. @throws Failure where GitHub does not accept them or cannot be reached */
export async function checkCredentials(options: ClientOptions): Promise<string> {
  try {
    const client = createOwnClient(options);
    if ('token' in options.auth) {
      // Every kind of token may ask this, and it counts for nothing.
      await client.rest.rateLimit.get(asRead);
      return 'the token';
    }
    const { slug } = appSchema.parse((await client.rest.apps.getAuthenticated(asRead)).data);
    return slug === undefined ? 'the App' : `the App ${slug}`;
  } catch (error) {
    throw asGithubFailure(error, { repo: 'GitHub', what: 'check the credentials' }, options.now());
  }
}

/** What the configured token or App may do with a repository. @throws Failure when it cannot be reached or seen */
export async function checkAccess(options: ClientOptions, name: RepositoryName): Promise<RepositoryAccess> {
  const asked = { repo: `${name.owner}/${name.repo}`, what: 'look at the repository' };
  try {
    const client = await createClients(options)(name);
    const { data } = await client.rest.repos.get({ ...name, ...asRead });
    const { archived = false, permissions } = repositorySchema.parse(data);
    if (archived) return { archived, lacks: [] };
    asked.what = 'list the pull requests';
    await client.rest.pulls.list({ ...name, per_page: 1, ...asRead });
    return { archived, lacks: 'token' in options.auth ? lackedBy(permissions) : await lackedByApp(options, name) };
  } catch (error) {
    throw asGithubFailure(error, asked, options.now());
  }
}

function lackedBy(permissions: { readonly push?: boolean | undefined } | undefined): readonly string[] {
  return permissions?.push === false ? ['contents'] : [];
}

async function lackedByApp(options: ClientOptions, name: RepositoryName): Promise<readonly string[]> {
  const { data } = await createOwnClient(options).rest.apps.getRepoInstallation({ ...name, ...asRead });
  const { permissions } = installationSchema.parse(data);
  if (permissions === undefined) return [];
  return ['contents', 'pull_requests'].filter((one) => permissions[one] !== 'write');
}
