import type { RespondFn, webApi } from '@slack/bolt';
import type { Log } from '../slack-logger.ts';
import { slackFetch } from '../web-client.ts';
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
  const { responseUrl } = to;
  try {
    if (responseUrl === null || !isSlackUrl(responseUrl, deps.slackApiUrl)) {
      await respondAlone(to, deps.client)(text);
      return;
    }
    await slackFetch(deps.timeoutMs)(responseUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, text }),
    });
  } catch (error) {
    deps.log.error({ error }, 'person left without an answer');
  }
}

/** `respond` by the Web API instead of a `response_url`: to the person alone, whatever is asked for. */
function respondAlone({ user, channel }: Sender, client: webApi.WebClient): RespondFn {
  return async (message) => {
    if (channel === null) throw new Error('Slack does not say in which channel the person is.');
    const { text = '', ...rest } = typeof message === 'string' ? { text: message } : message;
    const blocks = 'blocks' in rest && Array.isArray(rest.blocks) ? { blocks: rest.blocks } : {};
    await client.chat.postEphemeral({ channel, user, text, ...blocks });
    return Response.json({ ok: true });
  };
}

interface Answered {
  readonly body: object;
  readonly client: webApi.WebClient;
  readonly respond: RespondFn;
}

/** A listener whose answers go to Slack alone, even if a delivery names another address for them or none. */
export function answeringSlack<Args extends Answered>(
  slackApiUrl: string | undefined,
  listener: (args: Args) => Promise<void>,
): (args: Args) => Promise<void> {
  return async (args) => {
    const delivery = readDelivery(args.body);
    const sender = 'sender' in delivery ? delivery.sender : null;
    const isSlacks = sender === null || (sender.responseUrl !== null && isSlackUrl(sender.responseUrl, slackApiUrl));
    await listener(isSlacks ? args : { ...args, respond: respondAlone(sender, args.client) });
  };
}
