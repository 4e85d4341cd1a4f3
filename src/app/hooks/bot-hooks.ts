import { slackPath, type SlackDoor } from '../../adapters/slack/signed-http.ts';
import { Failure } from '../../core/failure.ts';
import type { Hints } from '../../flow/needs.ts';
import type { Config } from '../config/config.ts';
import { alertHook } from './alert-hook.ts';
import type { AlertHookOptions } from './alert-hook.ts';
import { forgeHook } from './forge-hook.ts';
import { startHooksServer } from './hooks-server.ts';
import type { Hook } from './hooks-server.ts';
import type { ProcessContext } from '../process.ts';
import { createRefusals } from './refusals.ts';

/** Socket Mode where there is an app token, else signed HTTP. @throws Failure('bad-configuration') with neither */
export function deliveryOf({ SLACK_APP_TOKEN: appToken, SLACK_SIGNING_SECRET: signingSecret }: Config) {
  if (appToken !== undefined) return { appToken };
  if (signingSecret !== undefined) return { signingSecret };
  throw new Failure(
    'bad-configuration',
    'The bot needs SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (signed HTTP).',
  );
}

/** Opens the port for what Slack, the forge and Alertmanager send, if any of them is to be heard there. */
export async function hearHooks(
  context: ProcessContext,
  slack: SlackDoor | null,
  hintsOf: (cluster: string) => Promise<Pick<Hints, 'advance'> | null>,
  clusters: AlertHookOptions['clusters'],
): Promise<void> {
  const { config, log, metrics } = context;
  const secret = config.GITHUB_WEBHOOK_SECRET;
  const alertSecret = config.OOMKEEPER_ALERTMANAGER_SECRET;
  const counted = (result: string): void => metrics.alerts.inc({ result });
  const hooks: Hook[] = [
    ...(slack === null ? [] : [{ path: slackPath, ...slack }]),
    ...(secret === undefined ? [] : [forgeHook({ secret, hintsOf, log })]),
    ...(alertSecret === undefined ? [] : [alertHook({ secret: alertSecret, clusters, counted, log })]),
  ];
  if (hooks.length === 0) return;
  const server = await startHooksServer(config.OOMKEEPER_OPS_HOST, config.OOMKEEPER_HTTP_PORT, hooks, {
    refused: createRefusals(context),
  });
  context.add({ name: 'hooks server', stop: server.close });
  log.info({ port: server.port, paths: hooks.map(({ path }) => path) }, 'hearing hooks');
}
