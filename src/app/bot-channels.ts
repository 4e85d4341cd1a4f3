import { setTimeout as sleep } from 'node:timers/promises';
import type { webApi } from '@slack/bolt';
import { noSuchChannel, resolveChannels } from '../adapters/slack/web-client.ts';
import type { OpenRoots } from '../flow/show/needs.ts';
import { createChannels } from '../flow/show/channels.ts';
import type { Channels } from '../flow/show/channels.ts';
import { readPolicy } from './config/policy-file.ts';
import type { ProcessContext } from './process.ts';

/** Slack lets the history of channels be read about 50 times a minute; half of it is left to others. ms, at full pace. */
const scanEveryMs = 2_400;

/**
 * The channels of the policy file and OOMKEEPER_CHANNEL. A route whose channel cannot be found is a warning, and
 * leads to OOMKEEPER_CHANNEL. @throws Failure `chat-no-such-channel` when that cannot be found.
 */
export async function channelsFor(
  { config, log }: ProcessContext,
  client: webApi.WebClient,
): Promise<{ readonly channels: Channels; readonly warnings: readonly string[] }> {
  const { routes, readers, channels: named } = await readPolicy(config);
  const fallback = config.OOMKEEPER_CHANNEL;
  const routed = [...new Set([fallback, ...routes.map(({ channel }) => channel), ...named])];
  const reading = [...new Set(readers.flatMap(({ channels }) => channels))].filter((name) => !routed.includes(name));
  const { ids, publicIds, unlisted } = await resolveChannels(client, [...routed, ...reading]);
  if (!ids.has(fallback)) throw noSuchChannel(fallback);
  const isMissing = (name: string): boolean => !ids.has(name);
  const warnings = [
    ...(unlisted === null
      ? []
      : [
          `Which channels are public is not known, so answers outside of them have names only until the bot starts again: ${unlisted.message}`,
        ]),
    ...routed
      .filter(isMissing)
      .map(
        (name) =>
          `The policy file names the channel ${name}, which the bot cannot see; ${fallback} gets its threads, without evidence and logs.`,
      ),
    ...reading
      .filter(isMissing)
      .map((name) => `The policy file lets the channel ${name} read, which the bot cannot see; nobody reads there.`),
  ];
  for (const reason of warnings) log.warn({ reason }, 'channel setup');
  return { channels: createChannels({ routes, named }, fallback, ids, { readers, publicIds }), warnings };
}

/**
 * Scans all channels for lost roots before the first kill, so that its announcement need not wait for that; `pace` is
 * how many times faster than Slack allows.
 */
export function scanChannels(
  context: ProcessContext,
  openRoots: OpenRoots,
  { channels, pace }: { readonly channels: Channels; readonly pace: number },
): void {
  const { log, stopping } = context;
  const scan = async (): Promise<void> => {
    for (const channel of channels.all) {
      if (stopping.aborted) return;
      await openRoots.in([channel]).catch((error: unknown) => log.warn({ error, channel }, 'channel not scanned yet'));
      await sleep(scanEveryMs / pace, undefined, { signal: stopping }).catch(() => undefined);
    }
  };
  void scan();
}
