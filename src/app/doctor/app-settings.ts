import { z } from 'zod';
import { botScopes } from '../../adapters/slack/scopes.ts';
import type { Finding } from './finding.ts';
import { ok, problem, warning } from './finding.ts';

/*
 * The settings of the Slack app that no token of the bot can read: they are in the manifest that the page "App Manifest" of
 * the app shows, as JSON or YAML. What Slack leaves out of it is off.
 */
const manifestSchema = z.object({
  display_information: z.object({ name: z.string() }),
  features: z
    .object({
      app_home: z.object({ home_tab_enabled: z.boolean().default(false) }).prefault({}),
      slash_commands: z.array(z.object({ command: z.string(), url: z.string().optional() })).default([]),
    })
    .prefault({}),
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()).default([]) }).prefault({}) }).prefault({}),
  settings: z
    .object({
      event_subscriptions: z
        .object({ bot_events: z.array(z.string()).default([]), request_url: z.string().optional() })
        .prefault({}),
      interactivity: z
        .object({ is_enabled: z.boolean().default(false), request_url: z.string().optional() })
        .prefault({}),
      socket_mode_enabled: z.boolean().default(false),
      token_rotation_enabled: z.boolean().default(false),
    })
    .prefault({}),
});
type AppManifest = z.output<typeof manifestSchema>;

/** How Slack reaches the bot. */
export type Delivery = 'socket' | 'http';

const path = '/slack/events';

/** A finding for each setting of the app; null for what is no manifest. */
export function checkAppManifest(manifest: unknown, delivery: Delivery): readonly Finding[] | null {
  const parsed = manifestSchema.safeParse(manifest);
  if (!parsed.success) return null;
  const read = parsed.data;
  return [
    ...deliveryFindings(read, delivery),
    slashCommand(read, delivery),
    interactivity(read, delivery),
    homeTab(read),
    scopes(read),
    tokenRotation(read),
  ];
}

const finding = (what: string, outcome: ReturnType<typeof ok>): Finding => ({ area: 'slack', what, ...outcome });

function deliveryFindings({ settings }: AppManifest, delivery: Delivery): readonly Finding[] {
  const what = 'Socket Mode';
  if (delivery === 'socket')
    return [
      finding(
        what,
        settings.socket_mode_enabled
          ? ok('Socket Mode is on.')
          : problem(
              'Socket Mode is off, so no click and no command reaches the bot.',
              'Turn it on in the settings of the app: Socket Mode.',
            ),
      ),
    ];
  return [
    finding(
      what,
      settings.socket_mode_enabled
        ? problem(
            'Socket Mode is on, so Slack never calls the bot over HTTP.',
            'Turn it off in the settings of the app, or set SLACK_APP_TOKEN.',
          )
        : ok('Socket Mode is off, as it has to be for signed HTTP.'),
    ),
  ];
}

function slashCommand({ features }: AppManifest, delivery: Delivery): Finding {
  const what = 'slash command';
  const oom = features.slash_commands.find(({ command }) => command === '/oom');
  const mend = 'Create the command /oom in the settings of the app: Slash Commands. Then install the app again.';
  if (oom === undefined) return finding(what, problem('The app has no command /oom.', mend));
  return finding(what, reached('/oom', oom.url, delivery, 'Slash Commands') ?? ok('The app has the command /oom.'));
}

function interactivity({ settings }: AppManifest, delivery: Delivery): Finding {
  const what = 'interactivity';
  const { is_enabled: isOn, request_url: url } = settings.interactivity;
  if (!isOn)
    return finding(
      what,
      problem(
        'Interactivity is off, so no button and no dialog works.',
        'Turn it on in the settings of the app: Interactivity & Shortcuts.',
      ),
    );
  return finding(
    what,
    reached('Interactivity', url, delivery, 'Interactivity & Shortcuts') ?? ok('Buttons and dialogs are turned on.'),
  );
}

function homeTab({ features, settings }: AppManifest): Finding {
  const what = 'Home tab';
  if (!features.app_home.home_tab_enabled)
    return finding(
      what,
      warning('The Home tab is off, so nobody sees there what waits for them.', 'Turn it on: App Home, Home Tab.'),
    );
  if (!settings.event_subscriptions.bot_events.includes('app_home_opened'))
    return finding(
      what,
      warning(
        'The Home tab is on, but the app is not told when somebody opens it, so it stays empty.',
        'Subscribe to the bot event app_home_opened: Event Subscriptions. Then install the app again.',
      ),
    );
  return finding(what, ok('The Home tab is on.'));
}

function scopes({ display_information: app, oauth_config: config }: AppManifest): Finding {
  const lacking = Object.keys(botScopes).filter((scope) => !config.scopes.bot.includes(scope));
  return finding(
    'scopes of the app',
    lacking.length === 0
      ? ok(`${app.name} asks for every scope that is needed.`)
      : problem(
          `${app.name} does not ask for ${lacking.join(', ')}.`,
          'Add them: OAuth & Permissions, Bot Token Scopes. Then install the app again.',
        ),
  );
}

function tokenRotation({ settings }: AppManifest): Finding {
  return finding(
    'token rotation',
    settings.token_rotation_enabled
      ? problem(
          'Token rotation is on, so the bot token expires after 12 hours.',
          'Slack cannot turn it off again: make the app anew from deploy/slack/manifest.yaml.',
        )
      : ok('The bot token does not expire.'),
  );
}

/** What is wrong with where Slack sends it; null where nothing is. */
function reached(name: string, url: string | undefined, delivery: Delivery, page: string) {
  if (delivery === 'socket' || url?.endsWith(path) === true) return null;
  const given = url === undefined ? 'no request URL' : `the request URL ${url}`;
  return problem(
    `${name} has ${given}; the bot listens at ${path}.`,
    `Set it to the bot's address with ${path} at its end, in the settings of the app: ${page}.`,
  );
}
