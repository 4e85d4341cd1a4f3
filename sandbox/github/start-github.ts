import { createServer } from 'node:http';
import type { SandboxClock } from '../clock.ts';
import { listen } from '../listen.ts';
import type { Log } from '../slack/log.ts';
import { createAccounts, type PersonalToken } from './accounts.ts';
import { answerRequest } from './answer-request.ts';
import { createFaults, type Faults } from './faults.ts';
import { changedFiles } from './git/changed-files.ts';
import { createGithubControl, type GithubControl } from './github-control.ts';
import { createGithubState } from './github-state.ts';
import { fullPermissions } from './permissions.ts';
import { createRateLimits } from './rate-limits.ts';
import { createRequestLog, type LogEntry } from './request-log.ts';
import { type RepositorySeed, seedGithub } from './seed-github.ts';
import { repositoryJson } from './shapes/repository-json.ts';
import { webhookOf } from './shapes/webhook-json.ts';
import { createWebhooks } from './webhooks.ts';

export interface GithubOptions {
  readonly clock: SandboxClock;
  readonly log: Log;
  readonly repositories?: readonly RepositorySeed[];
  /** Logins of the people, who may be asked for reviews. */
  readonly people?: readonly string[];
  /** Slugs of the teams that may be asked for reviews. */
  readonly teams?: readonly string[];
  /** Personal tokens beside the one that may do everything. */
  readonly tokens?: readonly PersonalToken[];
  /** Requests an hour for each caller; GitHub's 5 000 by default. */
  readonly rateLimit?: number;
  /** Address of the page for people, without a slash at its end; the API's own by default. Asked when it is needed. */
  readonly pageUrl?: () => string | undefined;
  /** Port on 127.0.0.1; any free one by default. */
  readonly port?: number;
}

/** A pull request that was merged. */
export interface Merged {
  /** `owner/name`. */
  readonly repo: string;
  readonly branch: string;
  readonly number: number;
  /** The commit on the branch. */
  readonly commit: string;
  readonly changedFiles: readonly string[];
}

export interface Github {
  /** Of github.com; without a slash at its end. */
  readonly apiUrl: string;
  /** Of the same repositories on an Enterprise server: ends in `/api/v3`. */
  readonly enterpriseApiUrl: string;
  /** Of a person who may do everything. */
  readonly token: string;
  readonly app: {
    readonly id: number;
    readonly clientId: string;
    /** PEM. */
    readonly privateKey: string;
    /** On the account of the first repository. */
    readonly installationId: number;
  };
  readonly webhookSecret: string;
  readonly control: GithubControl;
  /** Called after each merge. */
  readonly onMerge: (listener: (merged: Merged) => void) => () => void;
  /** Every request since the start, the newest 10 000. */
  readonly requestLog: () => readonly LogEntry[];
  readonly faults: Faults;
  readonly close: () => Promise<void>;
}

const token = 'github_pat_sandbox_oomkeeper_personal_token';
const webhookSecret = 'sandbox-webhook-secret';

/** Starts a pretended GitHub on 127.0.0.1: its REST API, as github.com and as Enterprise serve it, and its webhooks. */
export async function startGithub(options: GithubOptions): Promise<Github> {
  const { clock, log } = options;
  const state = createGithubState({
    clock,
    people: options.people ?? ['amira', 'sam', 'lena'],
    teams: options.teams ?? ['platform'],
  });
  const personal = { token, login: 'oomkeeper-machine', permissions: fullPermissions };
  const accounts = await createAccounts(state, [personal, ...(options.tokens ?? [])]);
  const faults = createFaults();
  const requests = createRequestLog(clock.now);
  const limits = createRateLimits(options.rateLimit ?? 5_000, clock.now);
  let port = 0;
  const origin = (): string => `http://127.0.0.1:${port}`;
  const html = (): string => options.pageUrl?.() ?? origin();
  const bases = () => ({ api: origin(), html: html() });
  const webhooks = createWebhooks({
    clock,
    log,
    faults,
    secret: webhookSecret,
    describe: (event) => webhookOf(state, bases(), accounts.installationOf, event),
    ping: () => {
      const [first] = state.repositories.values();
      const hook = { type: 'App', id: 410_001, active: true, events: ['pull_request', 'push'] };
      const repository = first && { repository: repositoryJson(bases(), first) };
      return { zen: 'Half measures are as bad as nothing at all.', hook_id: hook.id, hook, ...repository };
    },
  });
  const repositories = seedGithub(state, { repositories: options.repositories ?? [] });
  const control = createGithubControl(state, webhooks);
  state.subscribe(webhooks.hear);

  const api = { state, accounts, limits, faults, requests, log, origin, html };
  const server = createServer((request, response) => {
    answerRequest(api, request, response).catch((error: unknown) => {
      log.error({ err: error, method: request.method, path: request.url }, 'the GitHub simulator failed');
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  port = await listen(server, options.port ?? 0);

  return {
    apiUrl: origin(),
    enterpriseApiUrl: `${origin()}/api/v3`,
    token,
    app: {
      id: accounts.app.id,
      clientId: accounts.app.clientId,
      privateKey: accounts.app.privateKey,
      installationId: accounts.installationOf(repositories[0]?.owner.login ?? 'acme'),
    },
    webhookSecret,
    control,
    onMerge: (listener) =>
      state.subscribe((event) => {
        if (event.kind !== 'pull' || event.action !== 'closed' || event.pull.merged === null) return;
        const { pull, repository } = event;
        const { commit } = event.pull.merged;
        const treeOf = (sha: string | undefined): string => repository.objects.commit(sha ?? '')?.tree ?? '';
        const parent = repository.objects.commit(commit)?.parents[0];
        listener({
          repo: repository.fullName,
          branch: pull.base,
          number: pull.number,
          commit,
          changedFiles: changedFiles(repository.objects, treeOf(parent), treeOf(commit)).map(({ path }) => path),
        });
      }),
    requestLog: requests.entries,
    faults,
    close: async () => {
      webhooks.close();
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      });
    },
  };
}
