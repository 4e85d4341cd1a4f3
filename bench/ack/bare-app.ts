import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { createClock } from '../../sandbox/clock.ts';
import type { Message } from '../../sandbox/slack/message-store.ts';
import { startSlack } from '../../sandbox/slack/start-slack.ts';
import type { Slack } from '../../sandbox/slack/start-slack.ts';
import type { BenchContext } from '../benchmark.ts';
import { startChild } from '../child.ts';

/** What the process of the bare app is told. */
export interface BareOptions {
  readonly botToken: string;
  readonly appToken: string;
  readonly slackApiUrl: string;
}

export interface BareApp {
  readonly slack: Slack;
  /** Posts these blocks as the app; where they stand. */
  readonly post: (
    message: Pick<Message, 'text' | 'blocks'>,
  ) => Promise<{ readonly channel: string; readonly ts: string }>;
}

const postedSchema = z.looseObject({ ok: z.literal(true), channel: z.string(), ts: z.string() });
const program = fileURLToPath(new URL('bare-process.ts', import.meta.url));

/** A bare Bolt app, in a process of its own as our bot is, with a pretend Slack of its own in this process. */
export async function startBareApp({ onStop, say }: BenchContext): Promise<BareApp> {
  const slack = await startSlack({
    clock: createClock(),
    limits: 'off',
    log: { error: (_fields, message) => say(`the floor's Slack: ${message}`) },
  });
  onStop(slack.close);
  const { botToken, appToken, apiUrl: slackApiUrl } = slack;
  await startChild(program, { botToken, appToken, slackApiUrl } satisfies BareOptions, onStop);
  return {
    slack,
    post: async ({ text, blocks }) => {
      const answer = await fetch(new URL('chat.postMessage', slackApiUrl), {
        method: 'POST',
        headers: { authorization: `Bearer ${botToken}`, 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify({ channel: slack.store.channels()[0]?.id, text, blocks }),
      });
      const { channel, ts } = postedSchema.parse(await answer.json());
      return { channel, ts };
    },
  };
}
