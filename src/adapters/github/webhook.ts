import { verify } from '@octokit/webhooks-methods';
import { z } from 'zod';
import { parsePullRequestPayload } from '../../core/talk/pull-request.ts';
import type { PullRequestPayload } from '../../core/talk/pull-request.ts';
import type { PullRequest } from '../../flow/forge/needs.ts';
import { bounded } from '../../core/units/text-bounds.ts';

export interface WebhookRequest {
  /** Lower-case names, as Node has them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The exact bytes that were received: the signature covers these. */
  readonly rawBody: string;
  readonly secret: string;
}

export type Webhook =
  | {
      readonly is: 'pull-request';
      /** The incident that the body of the pull request names. */
      readonly payload: PullRequestPayload;
      readonly owner: string;
      readonly repo: string;
      readonly pullRequest: PullRequest;
      /** GitHub's id of this delivery; the same when it is sent again. */
      readonly delivery: string;
    }
  | { readonly is: 'ignored'; readonly why: 'other-event' | 'other-action' | 'not-ours' }
  | { readonly is: 'refused'; readonly reason: 'no-secret' | 'no-signature' | 'bad-signature' | 'unreadable' };

/** Actions that close a pull request or reopen it. */
const reported: readonly string[] = ['closed', 'reopened'];

const loginSchema = z.object({ login: z.string() });
const eventSchema = z.object({
  action: z.string(),
  sender: loginSchema,
  repository: z.object({ name: z.string(), owner: loginSchema }),
  pull_request: z.object({
    number: z.number(),
    html_url: z.string(),
    state: z.enum(['open', 'closed']),
    body: z.string().nullable(),
    merged: z.boolean(),
    merged_at: z.string().nullable(),
    closed_at: z.string().nullable(),
    merged_by: loginSchema.nullable().optional(),
  }),
});

/** Whether this has the form of a signature; whether it is right is seen with the body. */
export function isGithubSignature(header: string | readonly string[] | undefined): boolean {
  return typeof header === 'string' && /^sha256=[0-9a-f]{64}$/.test(header);
}

/**
 * Reads a GitHub webhook that is signed with our secret. It is only a hint: it says what was true when it was sent, may
 * come late, twice or never, and anybody who may write a pull request in that repository chooses its payload. The pull
 * request that the incident knows of is read before anything is believed, which makes each delivery harmless.
 * Never throws.
 */
export async function readWebhook({ headers, rawBody, secret }: WebhookRequest): Promise<Webhook> {
  const signature = headerOf(headers, 'x-hub-signature-256');
  if (secret === '') return { is: 'refused', reason: 'no-secret' };
  if (signature === null || rawBody === '') return { is: 'refused', reason: 'no-signature' };
  if (!(await verify(secret, rawBody, signature))) return { is: 'refused', reason: 'bad-signature' };
  if (headerOf(headers, 'x-github-event') !== 'pull_request') return { is: 'ignored', why: 'other-event' };

  const parsed = eventSchema.safeParse(jsonOf(rawBody));
  if (!parsed.success) return { is: 'refused', reason: 'unreadable' };
  const { action, pull_request: pull, repository, sender } = parsed.data;
  if (!reported.includes(action)) return { is: 'ignored', why: 'other-action' };
  const payload = parsePullRequestPayload(pull.body ?? '');
  if (payload === null) return { is: 'ignored', why: 'not-ours' };
  const endedAt = pull.merged_at ?? pull.closed_at;
  const state = pull.merged ? 'merged' : pull.state;
  const by = pull.merged ? (pull.merged_by?.login ?? sender.login) : sender.login;
  return {
    is: 'pull-request',
    payload,
    owner: repository.owner.login,
    repo: repository.name,
    pullRequest: {
      number: pull.number,
      url: pull.html_url,
      state,
      by: state === 'open' ? null : bounded(by, 'name'),
      at: state === 'open' || endedAt === null ? null : Date.parse(endedAt),
    },
    delivery: headerOf(headers, 'x-github-delivery') ?? '',
  };
}

function headerOf(headers: WebhookRequest['headers'], name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
