import type { RespondFn, webApi } from '@slack/bolt';
import type { Log } from '../slack-logger.ts';
import { slackFetch } from '../web-client.ts';
import { respondInDialog } from './answer-in-dialog.ts';
import { readDelivery, type Sender } from './delivery.ts';
import { isSlackUrl } from './response-url.ts';

export interface TellDeps {
  readonly client: webApi.WebClient;
  readonly slackApiUrl: string | undefined;
  readonly timeoutMs: number;
  readonly log: Log;
}

/** Shows a sentence to the person alone, where anything says how to reach them. Never throws. */
export async function tellSender(to: Sender, text: string, deps: TellDeps): Promise<void> {
  const { responseUrl, thread } = to;
  const alone = respondAlone(to, deps.client);
  const byUrl = async (): Promise<unknown> =>
    slackFetch(deps.timeoutMs)(responseUrl ?? '', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, text }),
    });
  try {
    if (responseUrl === null || !isSlackUrl(responseUrl, deps.slackApiUrl)) await alone(text);
    else if (thread === null) await byUrl();
    else await alone(text).catch(byUrl);
  } catch (error) {
    deps.log.error({ error }, 'person left without an answer');
  }
}

/** `respond` by the Web API instead of a `response_url`: to the person alone, whatever is asked for. */
function respondAlone({ user, channel, thread, triggerId }: Sender, client: webApi.WebClient): RespondFn {
  if (channel === null && triggerId !== null) return respondInDialog(triggerId, client);
  return async (message) => {
    if (channel === null) throw new Error('Slack does not say in which channel the person is.');
    const { text = '', ...rest } = typeof message === 'string' ? { text: message } : message;
    const blocks = 'blocks' in rest && Array.isArray(rest.blocks) ? { blocks: rest.blocks } : {};
    await client.chat.postEphemeral({
      channel,
      user,
      text,
      ...blocks,
      ...(thread === null ? {} : { thread_ts: thread }),
    });
    return Response.json({ ok: true });
  };
}

/**
 * `respond` where the person clicked: what is posted to a `response_url` stands at the end of the channel, even if the
 * message is in a thread. It is used if Slack refuses the other way.
 */
function respondInThread(sender: Sender, { client, respond }: Answered): RespondFn {
  const inThread = respondAlone(sender, client);
  return async (message) => {
    // What is edited is where it is.
    if (typeof message === 'object' && message.replace_original === true) return respond(message);
    return inThread(message).catch(async () => respond(message));
  };
}

interface Answered {
  readonly body: object;
  readonly client: webApi.WebClient;
  readonly respond: RespondFn;
}

/**
 * A listener whose answers are shown where the person is, and go to Slack alone, even if a delivery names another
 * address for them or none.
 */
export function answeringSlack<Args extends Answered>(
  slackApiUrl: string | undefined,
  listener: (args: Args) => Promise<void>,
): (args: Args) => Promise<void> {
  return async (args) => {
    const delivery = readDelivery(args.body);
    const sender = 'sender' in delivery ? delivery.sender : null;
    if (sender === null) return listener(args);
    const isSlacks = sender.responseUrl !== null && isSlackUrl(sender.responseUrl, slackApiUrl);
    if (!isSlacks) return listener({ ...args, respond: respondAlone(sender, args.client) });
    return listener(sender.thread === null ? args : { ...args, respond: respondInThread(sender, args) });
  };
}
