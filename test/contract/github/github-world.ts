import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/core';
import { restEndpointMethods } from '@octokit/plugin-rest-endpoint-methods';
import { onTestFinished } from 'vitest';
import { createClock } from '../../../sandbox/clock.ts';
import { type Github, type GithubOptions, startGithub } from '../../../sandbox/github/start-github.ts';

export const manifest = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: checkout
  namespace: shop
spec:
  template:
    spec:
      containers:
        - name: app
          image: registry.example/checkout:1.4
          resources:
            limits:
              memory: 256Mi # as measured in May
            requests:
              memory: 256Mi
---
apiVersion: v1
kind: Service
metadata:
  name: checkout
  namespace: shop
spec:
  ports:
    - port: 80
`;

export const raised = manifest.replaceAll('256Mi', '512Mi');
export const shop = { owner: 'acme', repo: 'shop' };

const quiet = (): void => undefined;
const silentLog = { debug: quiet, info: quiet, warn: quiet, error: quiet };

const Client = Octokit.plugin(restEndpointMethods);
export type Client = InstanceType<typeof Client>;

export interface TestGithub extends Github {
  readonly complaints: readonly { readonly fields: object; readonly message: string }[];
  /** As the person who may do everything. */
  readonly person: Client;
  /** As the app's installation on `acme`, by the app's key alone. */
  readonly installation: Client;
  readonly clientWith: (options: ConstructorParameters<typeof Client>[0]) => Client;
}

/** A pretended GitHub with `acme/shop` for one test; closed when the test ends. */
export async function startTestGithub(options: Partial<GithubOptions> = {}): Promise<TestGithub> {
  const complaints: { fields: object; message: string }[] = [];
  const github = await startGithub({
    clock: createClock(),
    log: { error: (fields, message) => complaints.push({ fields, message }) },
    repositories: [{ ...shop, files: { 'apps/checkout.yaml': manifest, 'README.md': '# shop\n' } }],
    ...options,
  });
  onTestFinished(github.close);
  const clientWith: TestGithub['clientWith'] = (own) => new Client({ baseUrl: github.apiUrl, log: silentLog, ...own });
  const { id: appId, installationId, privateKey } = github.app;
  return {
    ...github,
    complaints,
    clientWith,
    person: clientWith({ auth: github.token }),
    installation: clientWith({ authStrategy: createAppAuth, auth: { appId, privateKey, installationId } }),
  };
}

export interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly errors: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** What GitHub said, as octokit gives it; fails when the call went well. */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof Error) || !('response' in error)) throw error;
    const { data, headers, status } = error.response as { status: number; headers: object; data: object };
    const { errors, message } = data as { message: string; errors?: unknown };
    return { status, message, errors, headers: { ...headers } };
  }
  throw new Error('the call was not refused');
}

/** A branch with the raised limit, made through the contents API; returns the commit. */
export async function branchWithRaise(client: Client, branch = 'oomkeeper/checkout'): Promise<string> {
  const main = await client.rest.git.getRef({ ...shop, ref: 'heads/main' });
  await client.rest.git.createRef({ ...shop, ref: `refs/heads/${branch}`, sha: main.data.object.sha });
  const path = 'apps/checkout.yaml';
  const file = await client.rest.repos.getContent({ ...shop, path, ref: branch });
  const written = await client.rest.repos.createOrUpdateFileContents({
    ...shop,
    path,
    branch,
    message: 'Raise the memory limit of checkout',
    content: Buffer.from(raised).toString('base64'),
    sha: 'sha' in file.data ? file.data.sha : '',
  });
  return written.data.commit.sha ?? '';
}

/** An open pull request with the raised limit; returns its number. */
export async function openRaise(client: Client, branch = 'oomkeeper/checkout'): Promise<number> {
  await branchWithRaise(client, branch);
  const title = 'checkout: memory limit 256Mi -> 512Mi';
  const opened = await client.rest.pulls.create({ ...shop, head: branch, base: 'main', title, body: 'Why: **leak**' });
  return opened.data.number;
}
