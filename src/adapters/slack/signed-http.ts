import type { RequestListener } from 'node:http';
import { type App, HTTPReceiver, type Receiver } from '@slack/bolt';
import type { SlackLogger } from './slack-logger.ts';

/** Where Slack sends commands, clicks and events. */
export const slackPath = '/slack/events';

export interface SignedHttp {
  readonly receiver: Receiver;
  /** Answers requests for `slackPath`; whoever has the server calls it. */
  readonly listener: RequestListener;
}

/**
 * Signed HTTP instead of Socket Mode, with the same listeners. Bolt checks the signature over the raw body, refuses a
 * timestamp that is older than five minutes (401, nothing runs) and a body of more than 4 MB (413), and answers
 * `ssl_check` and `url_verification`. A request that is replayed within the five minutes is a repeated delivery, which
 * `onceEach` and the request's id in the store catch. The server is not Bolt's, because the forge's webhooks use the
 * same port.
 */
export function createSignedHttp(signingSecret: string, logger: SlackLogger): SignedHttp {
  const receiver = new HTTPReceiver({ signingSecret, endpoints: slackPath, logger });
  return {
    receiver: {
      init: (app: App) => receiver.init(app),
      start: () => Promise.resolve(),
      stop: () => Promise.resolve(),
    },
    listener: receiver.requestListener,
  };
}
