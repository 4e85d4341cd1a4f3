import { z } from 'zod';
import type { Slack } from '../slack/start-slack.ts';

const messageSchema = z.looseObject({
  ts: z.string(),
  text: z.string().default(''),
  blocks: z.array(z.record(z.string(), z.unknown())).default([]),
  metadata: z.unknown().optional(),
  deleted: z.boolean().default(false),
});

const stateSchema = z.looseObject({
  users: z.array(
    z.looseObject({
      id: z.string(),
      name: z.string(),
      mayApprove: z.boolean().optional(),
      isBot: z.boolean().optional(),
    }),
  ),
  channels: z.array(
    z.looseObject({
      id: z.string(),
      name: z.string(),
      messages: z.array(messageSchema.extend({ replies: z.array(messageSchema).default([]) })),
    }),
  ),
  /** The open modals by person. */
  modals: z
    .array(z.looseObject({ user: z.string(), view: z.looseObject({ id: z.string(), callback_id: z.string() }) }))
    .default([]),
});

const answerSchema = z.looseObject({ ok: z.boolean(), error: z.string().optional() });

/** What a modal says beside its inputs: by Slack's own client, or by the app. */
const submittedSchema = answerSchema.extend({
  errors: z.record(z.string(), z.string()).optional(),
  became: z
    .looseObject({
      action: z.enum(['closed', 'errors']),
      errors: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
});

export type SlackView = z.infer<typeof stateSchema>;
export type MessageView = z.infer<typeof messageSchema>;

export interface ClickRequest {
  readonly user: string;
  readonly channel: string;
  readonly ts: string;
  readonly action_id: string;
  readonly block_id?: string;
  readonly value?: string;
}

export interface SubmitRequest {
  readonly user: string;
  /** What is typed or chosen first, by `action_id` or `block_id` of the input. */
  readonly values: Readonly<Record<string, string>>;
}

export type Submitted =
  | { readonly ok: true; readonly became: 'closed' }
  /** `errors` stand beside the inputs, by block. */
  | { readonly ok: false; readonly error: string; readonly errors?: Readonly<Record<string, string>> };

/** What a pretend person can do in the pretend Slack. */
export interface SlackHands {
  readonly look: () => Promise<SlackView>;
  readonly click: (request: ClickRequest) => Promise<{ readonly ok: boolean; readonly error?: string | undefined }>;
  readonly command: (request: {
    readonly user: string;
    readonly channel: string;
    readonly text: string;
  }) => Promise<{ readonly ok: boolean; readonly error?: string | undefined }>;
  /** Submits the modal that the person has open; `view_not_found` while there is none. */
  readonly submit: (request: SubmitRequest) => Promise<Submitted>;
}

/**
 * The values of a `do: submit` step: `limit=192Mi`, several with `;` between them, '' for none. Null when it is not so.
 */
export function submitValues(what: string): Readonly<Record<string, string>> | null {
  const parts = what.split(';').map((part) => part.trim());
  const pairs = parts.filter((part) => part !== '').map((part) => /^([^=\s]+)\s*=\s*(.*)$/.exec(part));
  const known = pairs.flatMap((pair) => (pair?.[1] === undefined ? [] : [[pair[1], pair[2] ?? ''] as const]));
  return known.length < pairs.length ? null : Object.fromEntries(known);
}

const refused = { ok: false, error: 'nobody' } as const;

/** Of a story that is played without its people. */
export const nobody: SlackHands = {
  look: async () => ({ users: [], channels: [], modals: [] }),
  click: async () => refused,
  command: async () => refused,
  submit: async () => refused,
};

/** Hands on the pretend Slack. */
export function handsOn(slack: Slack): SlackHands {
  return {
    look: async () => stateSchema.parse(slack.control.state()),
    click: async ({ user, channel, ts, action_id: actionId, block_id: blockId, value }) =>
      answerSchema.parse(await slack.control.click({ user, channel, ts, actionId, blockId, value })),
    command: async (request) => answerSchema.parse(await slack.control.command(request)),
    submit: async (request) => submittedOf(await slack.control.viewSubmit(request)),
  };
}

function submittedOf(answer: unknown): Submitted {
  const { error, errors, ok, became } = submittedSchema.parse(answer);
  const said = errors ?? became?.errors;
  if (!ok || became === undefined || became.action === 'errors') {
    return { ok: false, error: error ?? 'refused', ...(said === undefined ? {} : { errors: said }) };
  }
  return { ok: true, became: became.action };
}
