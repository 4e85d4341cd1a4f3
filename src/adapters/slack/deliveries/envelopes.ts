import type { SocketModeReceiver } from '@slack/bolt';
import { z } from 'zod';
import type { Log } from '../slack-logger.ts';

/** Events that the SDK's client emits about itself. */
const own = /^(?:close|error|ws_message|outgoing_message|slack_event|.*connect(?:ed|ing)|authenticated)$/;

/** What Socket Mode sends (docs.slack.dev/apis/events-api/using-socket-mode); what is in `payload` is read by CheckedApp. */
const envelopeSchema = z.union([
  z.looseObject({ type: z.enum(['hello', 'disconnect', 'slash_commands', 'interactive']) }),
  z.looseObject({
    type: z.literal('events_api'),
    payload: z.looseObject({ event: z.looseObject({ type: z.string().refine((type) => !own.test(type)) }) }),
  }),
]);

/**
 * Lets only these through to the SDK. @slack/socket-mode 3.1 emits whatever type a document has as an event of its own
 * (`close` would be one), and `null` ends as an unhandled rejection.
 */
export function onlyEnvelopes(client: SocketModeReceiver['client'], log: Log): void {
  const listeners = client.listeners('ws_message');
  client.removeAllListeners('ws_message');
  client.on('ws_message', (data: unknown, isBinary: unknown) => {
    if (isEnvelope(data)) for (const listener of listeners) listener.call(client, data, isBinary);
    else log.warn({ bytes: typeof data === 'string' ? data.length : null }, 'message from Slack that cannot be read');
  });
}

function isEnvelope(data: unknown): boolean {
  try {
    const text = typeof data === 'string' ? data : data instanceof ArrayBuffer ? new TextDecoder().decode(data) : '';
    return envelopeSchema.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}
