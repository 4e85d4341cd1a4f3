import { App, LogLevel, SocketModeReceiver, webApi } from '@slack/bolt';
import { onTestFinished } from 'vitest';
import { createClock } from '../../../sandbox/clock.ts';
import type { Slack, SlackOptions } from '../../../sandbox/slack/start-slack.ts';
import { startSlack } from '../../../sandbox/slack/start-slack.ts';

const quiet = (): void => undefined;

/** The SDK's logger, silent: the tests look at errors themselves. */
export const silentLogger = {
  debug: quiet,
  info: quiet,
  warn: quiet,
  error: quiet,
  setLevel: quiet,
  getLevel: () => LogLevel.ERROR,
  setName: quiet,
};

export interface TestSlack extends Slack {
  /** Id of `#oom-alerts`. */
  readonly alerts: string;
  /** Ids by name. */
  readonly people: Readonly<Record<'amira' | 'sam' | 'lena', string>>;
  readonly complaints: readonly { readonly fields: object; readonly message: string }[];
  readonly client: webApi.WebClient;
  /** Another client, as the SDK makes it, without retries. */
  readonly clientWith: (token: string | undefined) => webApi.WebClient;
}

/** A machine that is late must not be taken for an app that does not answer. */
const patientMs = 60_000;

/** A pretend Slack for one test, with limits off unless asked for; closed when the test ends. */
export async function startTestSlack(options: Partial<SlackOptions> = {}): Promise<TestSlack> {
  const complaints: { fields: object; message: string }[] = [];
  const slack = await startSlack({
    clock: createClock(),
    limits: 'off',
    log: { error: (fields, message) => complaints.push({ fields, message }) },
    // A clock that a test moves does not go on while this process is late.
    ...(options.clock === undefined ? { acknowledgeWithinMs: patientMs } : {}),
    ...options,
  });
  onTestFinished(slack.close);
  const clientWith = (token: string | undefined): webApi.WebClient =>
    new webApi.WebClient(token, {
      slackApiUrl: slack.apiUrl,
      logger: silentLogger,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
    });
  const idOfPerson = (name: string): string => slack.workspace.people.find((person) => person.name === name)?.id ?? '';
  return {
    ...slack,
    alerts: channelNamed(slack, 'oom-alerts'),
    people: { amira: idOfPerson('amira'), sam: idOfPerson('sam'), lena: idOfPerson('lena') },
    complaints,
    client: clientWith(slack.botToken),
    clientWith,
  };
}

function channelNamed(slack: Slack, name: string): string {
  return slack.store.channels().find((channel) => channel.name === name)?.id ?? '';
}

/**
 * A Bolt app in Socket Mode that is not started yet; stopped when the test ends. Within its ping timeout in ms, Bolt's own
 * without, a connection has to show that it lives, and as long the app waits before it connects again.
 */
export function boltApp(slack: Slack, clientPingTimeout = 5_000): App {
  // NOTE: the API URL reaches Socket Mode only through the receiver's installer options.
  const clientOptions = { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } };
  const app = new App({
    token: slack.botToken,
    logger: silentLogger,
    clientOptions,
    receiver: new SocketModeReceiver({
      appToken: slack.appToken,
      logger: silentLogger,
      installerOptions: { clientOptions },
      clientPingTimeout,
    }),
  });
  onTestFinished(async () => {
    await app.stop();
  });
  return app;
}

/** A pretend Slack with a started app, which `prepare` gave its listeners. */
export async function startWithApp(
  prepare: (app: App) => void,
  options: Partial<SlackOptions> = {},
): Promise<TestSlack> {
  const slack = await startTestSlack(options);
  const app = boltApp(slack);
  prepare(app);
  await app.start();
  return slack;
}

/** The platform error of a call, as the SDK gives it; fails when the call went well. */
export async function refusalOf(call: Promise<unknown>): Promise<Record<string, unknown> & { error: string }> {
  try {
    await call;
  } catch (error) {
    if (error instanceof webApi.WebAPIPlatformError) return { ...error.data, error: error.data.error };
    throw error;
  }
  throw new Error('the call was not refused');
}
