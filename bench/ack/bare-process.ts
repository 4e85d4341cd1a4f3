import { App, SocketModeReceiver } from '@slack/bolt';
import { z } from 'zod';
import { readyFor } from '../child.ts';
import type { BareOptions } from './bare-app.ts';

/*
 * A Bolt app over Socket Mode that acknowledges everything and does nothing: the least that can answer a click.
 */
const optionsSchema = z.strictObject({
  botToken: z.string(),
  appToken: z.string(),
  slackApiUrl: z.string(),
}) satisfies z.ZodType<BareOptions>;

const { botToken, appToken, slackApiUrl } = optionsSchema.parse(JSON.parse(process.argv[2] ?? ''));
const clientOptions = { slackApiUrl };
const app = new App({
  token: botToken,
  clientOptions,
  // NOTE: the API URL reaches Socket Mode only through the receiver's installer options.
  receiver: new SocketModeReceiver({ appToken, installerOptions: { clientOptions } }),
});
app.action(/.*/, async ({ ack }) => ack());
app.command(/.*/, async ({ ack }) => ack());
await app.start();
readyFor(process);
