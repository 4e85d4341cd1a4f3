import type { webApi } from '@slack/bolt';
import { lackingScopes } from '../../adapters/slack/scopes.ts';
import { asSlackFailure } from '../../adapters/slack/slack-failure.ts';
import { slackLogger } from '../../adapters/slack/slack-logger.ts';
import type { Log } from '../../adapters/slack/slack-logger.ts';
import { createWebClient, noSuchChannel, seenChannels, slackFetch } from '../../adapters/slack/web-client.ts';
import type { SeenChannel } from '../../adapters/slack/web-client.ts';
import type { Config } from '../config/config.ts';
import { readPolicy } from '../config/policy-file.ts';
import { aheadBy, check, clockOutcome, ok, problem, skipped } from './finding.ts';
import type { Finding, Outcome } from './finding.ts';

const timeoutMs = 10_000;
const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Tokens and their scopes, how Slack reaches the bot, the channel, and the clock. */
export async function checkSlack(config: Config): Promise<readonly Finding[]> {
  if (config.SLACK_BOT_TOKEN === undefined)
    return [{ area: 'slack', what: 'bot token', ...skipped('SLACK_BOT_TOKEN is not set; only the bot needs it.') }];
  const [bot, ...others] = await Promise.all([
    checkBot(clientFor(config, config.SLACK_BOT_TOKEN), config),
    check('slack', 'delivery', deliveryMend, () => checkDelivery(config)),
    check('slack', 'clock', 'See that Slack can be reached from here.', () => checkClock(config.SLACK_API_URL)),
  ]);
  return [...bot, ...others];
}

async function checkBot(client: webApi.WebClient, config: Config): Promise<readonly Finding[]> {
  let who: { readonly name: string; readonly scopes: readonly string[] | null } | undefined;
  const mend = 'Set SLACK_BOT_TOKEN to the token of the installed app (xoxb-…).';
  const token = await check('slack', 'bot token', mend, async () => {
    const { user = 'oomkeeper', team, response_metadata: metadata } = await called('auth.test', client.auth.test());
    who = { name: user, scopes: metadata?.scopes ?? null };
    return ok(`It is @${user} in ${team ?? 'the workspace'}.`);
  });
  if (who === undefined) return [token];
  const { name, scopes } = who;
  const install = 'Add it to the app (OAuth & Permissions) and install the app again.';
  return [
    token,
    await check('slack', 'scopes', install, () => checkScopes(scopes, install)),
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
  const find = (channel: string, mend: string) => async () => checkChannel(await asked, { channel, bot, mend });
  return Promise.all([
    check('slack', 'channel', `See that #${usual} exists and that the app has every scope.`, () =>
      find(usual, 'Unarchive it, or set OOMKEEPER_CHANNEL to another channel.')(),
    ),
    ...[...others].map(async (one) => ({
      ...(await check(
        'slack',
        `channel ${one}`,
        `See that #${one} exists; until then #${usual} gets its threads.`,
        () => find(one, 'Unarchive it, or route to another channel in the policy file.')(),
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
  readonly mend: string;
}

function checkChannel(seen: readonly SeenChannel[], { channel, bot, mend }: Wanted): Outcome {
  const found = seen.find(({ id, name }) => id === channel || name === channel);
  if (found === undefined) throw noSuchChannel(channel);
  const shown = `#${found.name}`;
  if (found.isArchived) return problem(`${shown} is archived.`, mend);
  if (!found.isMember)
    return problem(`The bot is not in ${shown}, so it cannot post there.`, `Write "/invite @${bot}" in it.`);
  return ok(`The bot is in ${shown} (${found.id}).`);
}

const deliveryMend =
  'Make an app-level token with connections:write (xapp-…), or set SLACK_SIGNING_SECRET instead for signed HTTP.';

async function checkDelivery(config: Config): Promise<Outcome> {
  const { SLACK_APP_TOKEN: token, SLACK_SIGNING_SECRET: secret } = config;
  if (token === undefined && secret === undefined)
    return problem('Neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set, so nothing can arrive.', deliveryMend);
  if (token === undefined)
    return ok(
      `Signed HTTP at /slack/events on port ${config.OOMKEEPER_HTTP_PORT}; whether Slack reaches it is seen with the first /oom.`,
    );
  await called('apps.connections.open', clientFor(config, token).apps.connections.open({}));
  return ok('Socket Mode: a connection may be opened.');
}

async function checkClock(apiUrl: string): Promise<Outcome> {
  const before = Date.now();
  const asked = slackFetch(timeoutMs)(new URL('api.test', apiUrl), { method: 'POST' });
  const answer = await called('api.test', asked);
  const aheadMs = aheadBy(answer.headers.get('date'), before);
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
