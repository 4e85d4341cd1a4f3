import { readFile } from 'node:fs/promises';
import type { webApi } from '@slack/bolt';
import { parse } from 'yaml';
import { lackingScopes } from '../../adapters/slack/scopes.ts';
import { asSlackFailure } from '../../adapters/slack/slack-failure.ts';
import { slackLogger } from '../../adapters/slack/slack-logger.ts';
import type { Log } from '../../adapters/slack/slack-logger.ts';
import { createWebClient, noSuchChannel, seenChannels, slackFetch } from '../../adapters/slack/web-client.ts';
import type { SeenChannel } from '../../adapters/slack/web-client.ts';
import type { Config } from '../config/config.ts';
import { readPolicy } from '../config/policy-file.ts';
import { checkAppManifest } from './app-settings.ts';
import type { DoctorOptions } from './doctor-options.ts';
import { aheadBy, check, clockOutcome, ok, problem, skipped } from './finding.ts';
import type { Finding, Outcome } from './finding.ts';
import { byPolicy, bySetting } from './mend.ts';
import type { Mend } from './mend.ts';

const timeoutMs = 10_000;
const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Tokens and their scopes, how Slack reaches the bot, the app's settings, the channel, and the clock. */
export async function checkSlack(
  config: Config,
  { appManifest }: Pick<DoctorOptions, 'appManifest'>,
): Promise<readonly Finding[]> {
  if (config.SLACK_BOT_TOKEN === undefined)
    return [{ area: 'slack', what: 'bot token', ...skipped('SLACK_BOT_TOKEN is not set; only the bot needs it.') }];
  const [bot, settings, ...others] = await Promise.all([
    checkBot(clientFor(config, config.SLACK_BOT_TOKEN), config),
    checkSettings(config, appManifest),
    check('slack', 'delivery', deliveryMend, () => checkDelivery(config)),
    check('slack', 'clock', 'Check that Slack can be reached from here.', () => checkClock(config.SLACK_API_URL)),
  ]);
  return [...bot, ...others, ...settings];
}

async function checkBot(client: webApi.WebClient, config: Config): Promise<readonly Finding[]> {
  let who:
    | { readonly name: string; readonly botId: string | undefined; readonly scopes: readonly string[] | null }
    | undefined;
  const mend = bySetting('Set SLACK_BOT_TOKEN to the token of the installed app (xoxb-…).', {
    SLACK_BOT_TOKEN: 'xoxb-…',
  });
  const token = await check('slack', 'bot token', mend, async () => {
    const {
      user = 'oomkeeper',
      team,
      bot_id: botId,
      response_metadata: metadata,
    } = await called('auth.test', client.auth.test());
    who = { name: user, botId, scopes: metadata?.scopes ?? null };
    return ok(`It is @${user} in ${team ?? 'the workspace'}.`);
  });
  if (who === undefined) return [token];
  const { name, botId, scopes } = who;
  const install = 'Add it to the app (OAuth & Permissions) and install the app again.';
  return [
    token,
    await check('slack', 'scopes', install, () => checkScopes(scopes, install)),
    // What bots.info takes.
    ...(scopes?.includes('users:read') === false ? [] : await checkSameApp(client, botId, config)),
    ...(await checkChannels(client, config, name)),
  ];
}

/** The usual channel, then each that a route names. What is wrong with the policy file is said elsewhere. */
async function checkChannels(client: webApi.WebClient, config: Config, bot: string): Promise<readonly Finding[]> {
  const usual = config.OOMKEEPER_CHANNEL;
  const { routes } = await readPolicy(config).catch(() => ({ routes: [] }));
  const others = new Set(routes.map(({ channel }) => channel));
  others.delete(usual);
  const asked = seenChannels(client, [usual, ...others]);
  const find = (channel: string, mend: Mend) => async () => checkChannel(await asked, { channel, bot, mend });
  return Promise.all([
    check('slack', 'channel', elsewhere(`Check that #${usual} exists and that the app has every scope.`), () =>
      find(usual, elsewhere('Unarchive it, or set OOMKEEPER_CHANNEL to another channel.'))(),
    ),
    ...[...others].map(async (one) => ({
      ...(await check(
        'slack',
        `channel ${one}`,
        byPolicy(`Check that #${one} exists, or route elsewhere; until then #${usual} gets its threads.`),
        () => find(one, byPolicy('Unarchive it, or route to another channel in the policy file.'))(),
      )),
      oneOf: 'channels of routes',
    })),
  ]);
}

function checkScopes(scopes: readonly string[] | null, mend: string): Outcome {
  if (scopes === null) return skipped('Slack does not say which scopes the token has.');
  const missing = lackingScopes(scopes);
  if (missing.length === 0) return ok('The bot token has every scope that is needed.');
  const words = missing.map(([scope, why]) => `${scope} (${why})`).join(', ');
  return problem(`The bot token lacks ${words}.`, mend);
}

interface Wanted {
  /** Name or id. */
  readonly channel: string;
  readonly bot: string;
  /** What to do if it is archived. */
  readonly mend: Mend;
}

function checkChannel(seen: readonly SeenChannel[], { channel, bot, mend }: Wanted): Outcome {
  const found = seen.find(({ id, name }) => id === channel || name === channel);
  if (found === undefined) throw noSuchChannel(channel);
  const shown = `#${found.name}`;
  if (found.isArchived) return problem(`${shown} is archived.`, mend);
  if (!found.isMember)
    return problem(`The bot is not in ${shown}, so it cannot post there.`, `Type "/invite @${bot}" in it.`);
  return ok(`The bot is in ${shown} (${found.id}).`);
}

/** Whether the app-level token is one of the app that the bot token is of: with another app's, clicks go there. */
async function checkSameApp(
  client: webApi.WebClient,
  bot: string | undefined,
  { SLACK_APP_TOKEN: token }: Config,
): Promise<readonly Finding[]> {
  // Slack writes the app's id into the token, xapp-1-A012ABCD-…; where it does not, nothing is said.
  const ofToken = /^xapp-\d+-(A[A-Z0-9]+)-/.exec(token ?? '')?.[1];
  if (ofToken === undefined || bot === undefined) return [];
  const mend = bySetting('Set both tokens to those of one app: api.slack.com/apps, Basic Information.', {
    SLACK_BOT_TOKEN: 'xoxb-…',
    SLACK_APP_TOKEN: 'xapp-…',
  });
  const found = await check('slack', 'same app', mend, async () => {
    const { bot: answer } = await called('bots.info', client.bots.info({ bot }));
    const ofBot = answer?.app_id;
    if (ofBot === undefined) return skipped('Slack does not say which app the bot token is of.');
    if (ofBot === ofToken) return ok('Both tokens belong to the same app.');
    return problem(
      `SLACK_BOT_TOKEN is of the app ${ofBot} and SLACK_APP_TOKEN of ${ofToken}: clicks and commands never arrive.`,
      mend,
    );
  });
  return [found];
}

const unseen =
  "Whether interactivity, the command /oom and the Home tab are turned on cannot be seen with the bot's tokens: type /oom help, press a button in a thread and open the Home tab of the app. Or save what its page App Manifest shows to a file, for --app-manifest FILE.";

/** What only the app's manifest says; without it that nothing of it can be seen. */
async function checkSettings(config: Config, file: string | null): Promise<readonly Finding[]> {
  if (file === null) return [{ area: 'slack', what: 'app settings', ...skipped(unseen) }];
  const { SLACK_APP_TOKEN: token, SLACK_SIGNING_SECRET: secret } = config;
  const delivery = token === undefined && secret !== undefined ? 'http' : 'socket';
  const mend = 'Save what the page App Manifest of the app shows, as JSON or YAML.';
  const unreadable = (why: string): readonly Finding[] => [
    { area: 'slack', what: 'app settings', ...problem(`${file} is not the manifest of a Slack app: ${why}`, mend) },
  ];
  try {
    const found = checkAppManifest(parse(await readFile(file, 'utf8'), { logLevel: 'error' }), delivery);
    return found ?? unreadable('it does not have the fields of one.');
  } catch (error) {
    return unreadable(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
  }
}

function elsewhere(text: string): Mend {
  return bySetting(text, { OOMKEEPER_CHANNEL: 'oom-alerts' });
}

const deliveryMend = bySetting(
  'Make an app-level token with connections:write (xapp-…) and set SLACK_APP_TOKEN, or set SLACK_SIGNING_SECRET instead for signed HTTP.',
  { SLACK_APP_TOKEN: 'xapp-…' },
);

async function checkDelivery(config: Config): Promise<Outcome> {
  const { SLACK_APP_TOKEN: token, SLACK_SIGNING_SECRET: secret } = config;
  if (token === undefined && secret === undefined)
    return problem(
      'Neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set, so no click and no command arrives.',
      deliveryMend,
    );
  if (token === undefined)
    return ok(
      `Signed HTTP at /slack/events on port ${config.OOMKEEPER_HTTP_PORT}; type /oom help to see whether Slack reaches it.`,
    );
  await called('apps.connections.open', clientFor(config, token).apps.connections.open({}));
  return ok('Slack lets the bot connect in Socket Mode.');
}

async function checkClock(apiUrl: string): Promise<Outcome> {
  const before = Date.now();
  const asked = slackFetch(timeoutMs)(new URL('api.test', apiUrl), { method: 'POST' });
  const answer = await called('api.test', asked);
  const aheadMs = aheadBy(answer.headers.get('date'), { before, after: Date.now() });
  return aheadMs === null ? skipped('Slack does not say its time.') : clockOutcome('Slack', aheadMs);
}

function clientFor({ SLACK_API_URL: slackApiUrl }: Config, token: string): webApi.WebClient {
  return createWebClient({ token, slackApiUrl, timeoutMs, logger: slackLogger(silent) });
}

async function called<T>(method: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw asSlackFailure(error, method);
  }
}
