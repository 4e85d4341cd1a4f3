import { createServer } from 'node:http';
import { createNumberedLog } from '../bounded-log.ts';
import type { SandboxClock } from '../clock.ts';
import { listen } from '../listen.ts';
import type { Log } from '../slack/log.ts';
import { createAccounts, type PersonalToken } from './api/accounts.ts';
import { answerRequest, type LogEntry, type RequestEntry } from './api/answer-request.ts';
import { actorJson, repositoryJson, wholePullJson } from './api/json.ts';
import { fullPermissions } from './api/permissions.ts';
import { createFaults, type Faults } from './faults.ts';
import { createGithubControl, type GithubControl } from './github-control.ts';
import { addRepository, createGithubState, type RepositorySeed } from './github-state.ts';
import { createWebhooks } from './webhooks.ts';

export interface GithubOptions {
  readonly clock: SandboxClock;
  readonly log: Log;
  readonly repositories?: readonly RepositorySeed[];
  /** Logins of the people, who may be asked for reviews. */
  readonly people?: readonly string[];
  /** Personal tokens beside the one that may do everything. */
  readonly tokens?: readonly PersonalToken[];
  /** Address of the page for people, without a slash at its end; the API's own by default. Asked when it is needed. */
  readonly pageUrl?: () => string | undefined;
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
    /** PEM. */
    readonly privateKey: string;
    /** On the account of the first repository. */
    readonly installationId: number;
  };
  readonly webhookSecret: string;
  readonly control: GithubControl;
  /** Every request since the start, the newest 10 000. */
  readonly requestLog: () => readonly LogEntry[];
  readonly faults: Faults;
  readonly close: () => Promise<void>;
}

const token = 'github_pat_sandbox_oomkeeper_personal_token';
const webhookSecret = 'sandbox-webhook-secret';

/**
 * Starts a pretended GitHub on 127.0.0.1: as much of its REST API as Oomkeeper uses, as github.com and as Enterprise
 * serve it, and its webhooks.
 */
export async function startGithub(options: GithubOptions): Promise<Github> {
  const { clock, log } = options;
  const state = createGithubState({ clock, people: options.people ?? ['amira', 'sam', 'lena'], teams: ['platform'] });
  const personal = { token, login: 'oomkeeper-machine', permissions: fullPermissions };
  const accounts = await createAccounts(state, [personal, ...(options.tokens ?? [])]);
  const faults = createFaults();
  const requests = createNumberedLog<RequestEntry>(10_000, clock.now);
  let port = 0;
  const origin = (): string => `http://127.0.0.1:${port}`;
  const html = (): string => options.pageUrl?.() ?? origin();
  const webhooks = createWebhooks({ log, faults, secret: webhookSecret });
  const repositories = (options.repositories ?? []).map((seed) => addRepository(state, seed));
  const control = createGithubControl(state, webhooks);
  state.subscribe((event) => {
    if (event.kind !== 'pull') return;
    const { action, pull, repository, sender } = event;
    webhooks.send('pull_request', {
      action,
      number: pull.number,
      pull_request: wholePullJson(state, html(), repository, pull),
      repository: repositoryJson(html(), repository),
      sender: actorJson(sender),
    });
  });

  const api = { state, accounts, faults, requests, log, html };
  const server = createServer((request, response) => {
    answerRequest(api, request, response).catch((error: unknown) => {
      log.error({ err: error, method: request.method, path: request.url }, 'the GitHub simulator failed');
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  port = await listen(server, 0);

  return {
    apiUrl: origin(),
    enterpriseApiUrl: `${origin()}/api/v3`,
    token,
    app: {
      id: accounts.app.id,
      privateKey: accounts.app.privateKey,
      installationId: accounts.installationOf(repositories[0]?.owner.login ?? ''),
    },
    webhookSecret,
    control,
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
