import { readNamespaces } from '../adapters/kubernetes/read/read-namespaces.ts';
import type { Transport } from '../adapters/kubernetes/transport/transport.ts';
import { keepNamespaces } from '../adapters/redis/store/namespaces.ts';
import type { RedisClient } from '../adapters/redis/redis-client.ts';
import { every } from './every.ts';
import type { ProcessContext } from './process.ts';
import { minuteMs } from '../core/units/duration.ts';

/** A namespace that is younger than this may be answered as one that is not known. */
const everyMs = minuteMs;
const deadlineMs = 10_000;

/** Tells the bot, through Redis, which namespaces there are, so that a mistyped one gets an answer at once. */
export function startNamespaces(
  context: ProcessContext,
  {
    cluster,
    redis,
    transport,
  }: { readonly cluster: string; readonly redis: RedisClient; readonly transport: Transport },
): void {
  const { config, log } = context;
  const keeping = every(
    everyMs,
    async () => {
      const names = (await readNamespaces(transport, deadlineMs)) ?? config.OOMKEEPER_NAMESPACES;
      // If they may not be listed and are not configured, they are unknown.
      if (names.length > 0) await keepNamespaces(redis, cluster, names);
    },
    (error) => log.warn({ error }, 'namespaces could not be read'),
  );
  context.add({ name: 'namespaces', stop: keeping.stop });
}
