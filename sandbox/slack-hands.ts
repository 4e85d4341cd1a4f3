import { z } from 'zod';
import type { Slack } from './slack/start-slack.ts';

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
});

const answerSchema = z.looseObject({ ok: z.boolean(), error: z.string().optional() });

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

/** What a pretend person can do in the pretend Slack. */
export interface SlackHands {
  readonly look: () => Promise<SlackView>;
  readonly click: (request: ClickRequest) => Promise<{ readonly ok: boolean; readonly error?: string | undefined }>;
  readonly command: (request: {
    readonly user: string;
    readonly channel: string;
    readonly text: string;
  }) => Promise<{ readonly ok: boolean; readonly error?: string | undefined }>;
}

/** Hands on the sandbox's control API. */
export function slackHandsOver(controlUrl: string): SlackHands {
  async function post(path: string, body: unknown): Promise<z.infer<typeof answerSchema>> {
    const response = await fetch(new URL(path, controlUrl), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return answerSchema.parse(await response.json());
  }
  return {
    look: async () => {
      const response = await fetch(new URL('/slack/state', controlUrl));
      return stateSchema.parse(await response.json());
    },
    click: async (request) => post('/slack/click', request),
    command: async (request) => post('/slack/command', request),
  };
}

/** Hands on a Slack in the same process. */
export function handsOn(slack: Slack): SlackHands {
  return {
    look: async () => stateSchema.parse(slack.control.state()),
    click: async ({ user, channel, ts, action_id: actionId, block_id: blockId, value }) =>
      answerSchema.parse(await slack.control.click({ user, channel, ts, actionId, blockId, value })),
    command: async (request) => answerSchema.parse(await slack.control.command(request)),
  };
}
