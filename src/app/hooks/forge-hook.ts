import { isGithubSignature, readWebhook } from '../../adapters/github/webhook.ts';
import type { Logger } from '../../adapters/telemetry/log.ts';
import type { Hints } from '../../flow/needs.ts';
import type { Hook } from './hooks-server.ts';

const forgePath = '/github/webhook';

export interface ForgeHookOptions {
  readonly secret: string;
  /** The cluster that a pull request is about; null when the bot does not speak for it. */
  readonly hintsOf: (cluster: string) => Promise<Pick<Hints, 'advance'> | null>;
  readonly log: Logger;
}

/**
 * The forge's webhook: a hint to check an incident now. Its content is not trusted; the worker asks the forge. 401
 * without the right signature, 202 for everything else that can be read, whether or not it is about us.
 */
export function forgeHook({ secret, hintsOf, log }: ForgeHookOptions): Hook {
  return {
    path: forgePath,
    unsigned: (headers) =>
      isGithubSignature(headers['x-hub-signature-256'])
        ? null
        : 'There is no signature of GitHub (X-Hub-Signature-256): set the secret of the webhook.',
    answer: async ({ headers, body }) => {
      const read = await readWebhook({ headers, rawBody: body, secret });
      if (read.is === 'refused') {
        log.warn({ reason: read.reason }, 'webhook refused');
        return { status: read.reason === 'unreadable' ? 400 : 401 };
      }
      if (read.is === 'pull-request') {
        const { cluster, incident } = read.payload;
        const hints = await hintsOf(cluster);
        log.info({ incident, cluster, state: read.pullRequest.state, delivery: read.delivery }, 'webhook heard');
        await hints?.advance(incident);
      }
      return { status: 202 };
    },
  };
}
