import type { RespondFn } from '@slack/bolt';
import type { Answer } from '../blocks/answer.ts';
import type { Log } from '../slack-logger.ts';

/** Acknowledges. Where Slack cannot be told, the work goes on all the same: Slack repeats it, and it is done only once. */
export async function acknowledged(ack: () => Promise<void>, log: Log): Promise<void> {
  try {
    await ack();
  } catch (error) {
    log.warn({ error }, 'acknowledgement not sent');
  }
}

/** Shows an answer to the person alone. What it throws ends in `answerLost`. */
export async function tell(respond: RespondFn, { text, blocks }: Answer): Promise<void> {
  await respond({ response_type: 'ephemeral', replace_original: false, text, blocks });
}

/** Shows an answer to everybody in the channel, because the person asked for that. */
export async function share(respond: RespondFn, { text, blocks }: Answer): Promise<void> {
  await respond({ response_type: 'in_channel', replace_original: false, text, blocks });
}
