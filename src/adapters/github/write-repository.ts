import type { GithubClient, RepositoryName } from './client.ts';
import { asGithubFailure } from './github-failure.ts';
import { inPath } from './repository.ts';

export interface FileWrite {
  readonly branch: string;
  readonly path: string;
  readonly text: string;
  /** The blob that it replaces: GitHub refuses if the file no longer has this content. */
  readonly sha: string;
  readonly message: string;
}

export interface PullText {
  readonly title: string;
  readonly body: string;
}

export type RepositoryWriter = ReturnType<typeof createRepositoryWriter>;

/**
 * The only code that changes anything on GitHub. Each function sends one request, once. After the codes that
 * `looksAgain` knows it may have happened all the same. @throws Failure `github-…`
 */
export function createRepositoryWriter(client: GithubClient, { owner, repo }: RepositoryName, now: () => number) {
  const common = { owner, repo };

  async function send(what: string, request: () => Promise<unknown>): Promise<void> {
    try {
      await request();
    } catch (error) {
      throw asGithubFailure(error, { repo: `${owner}/${repo}`, what }, now());
    }
  }

  return {
    createBranch: async (branch: string, commit: string): Promise<void> =>
      send(`create the branch ${branch}`, () =>
        client.rest.git.createRef({ ...common, ref: `refs/heads/${branch}`, sha: commit }),
      ),

    /** Commits of the branch that are not in `commit` are dropped from it. */
    resetBranch: async (branch: string, commit: string): Promise<void> =>
      send(`reset the branch ${branch}`, () =>
        client.request(`PATCH /repos/{owner}/{repo}/git/refs/heads/${inPath(branch)}`, {
          ...common,
          sha: commit,
          force: true,
        }),
      ),

    writeFile: async ({ branch, path, text, sha, message }: FileWrite): Promise<void> =>
      send(`change ${path}`, () =>
        client.request(`PUT /repos/{owner}/{repo}/contents/${inPath(path)}`, {
          ...common,
          branch,
          sha,
          message,
          content: Buffer.from(text, 'utf8').toString('base64'),
        }),
      ),

    openPull: async (head: string, base: string, { title, body }: PullText): Promise<void> =>
      send('open the pull request', () => client.rest.pulls.create({ ...common, head, base, title, body })),

    updatePull: async (number: number, { title, body }: PullText): Promise<void> =>
      send(`update pull request ${number}`, () =>
        client.rest.pulls.update({ ...common, pull_number: number, title, body }),
      ),

    label: async (number: number, label: string): Promise<void> =>
      send(`label pull request ${number}`, () =>
        client.rest.issues.addLabels({ ...common, issue_number: number, labels: [label] }),
      ),

    /** `login`, or `org/team`. */
    askReviewers: async (number: number, names: readonly string[]): Promise<void> =>
      send(`ask for a review of pull request ${number}`, () =>
        client.rest.pulls.requestReviewers({
          ...common,
          pull_number: number,
          reviewers: names.filter((one) => !one.includes('/')),
          team_reviewers: names.filter((one) => one.includes('/')).map((one) => one.slice(one.indexOf('/') + 1)),
        }),
      ),
  };
}
