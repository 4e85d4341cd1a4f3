import { redisNow } from '../../adapters/redis/connection.ts';
import { createAlarms } from '../../adapters/redis/notify/alarms.ts';
import { createRefusals } from '../../adapters/redis/notify/refusals.ts';
import type { RedisClient } from '../../adapters/redis/redis-client.ts';
import { listClusters } from '../../adapters/redis/store/clusters.ts';
import { createStore } from '../../adapters/redis/store/store.ts';
import { createTurns } from '../../core/turns.ts';
import { minuteMs } from '../../core/units/duration.ts';
import type { Alarms, TellNeeds } from '../../flow/notify/needs.ts';
import { createTell } from '../../flow/notify/tell.ts';
import type { Tell } from '../../flow/notify/tell.ts';
import { every } from '../every.ts';
import { readPolicy } from '../config/policy-file.ts';
import { unreadableTo } from '../process.ts';
import type { ProcessContext } from '../process.ts';
import { receiversFor } from './receivers.ts';

const sweepBatch = 200;
/** So many incidents are told of at a time. */
const atOnce = 10;
/** Before an incident that cannot be read is looked at again, ms. */
const unreadableMs = minuteMs;
/** The same where a newer version has written it: a bot that is updated must not wait for this one to call somebody. */
const newerMs = 2_000;

/** Where the thread of an incident is; null where nobody knows. */
type LinkOf = (cluster: string, incident: string) => Promise<string | null>;

export interface AlarmsOut {
  /** There is news of an incident. Never waits and never throws: a lost hint is harmless, because the incident is due. */
  readonly hint: (cluster: string, incident: string) => void;
  /** Once the chat is there: what leads from an alarm to its thread. */
  readonly linkBy: (linkOf: LinkOf) => void;
}

const nobody: AlarmsOut = { hint: () => undefined, linkBy: () => undefined };

/**
 * Tells PagerDuty and Alertmanager of incidents, where they are configured. Nothing here waits for the chat, or the
 * chat for it: what is due has a set of its own, and a bot whose Slack cannot be reached still calls somebody.
 */
export async function startAlarms(context: ProcessContext, redis: RedisClient): Promise<AlarmsOut> {
  const { config, log, metrics, stopping, newer } = context;
  const receivers = receiversFor(config);
  if (receivers.length === 0) return nobody;
  const { alarms: rules } = await readPolicy(config);
  const turns = createTurns(atOnce);
  const refusals = createRefusals(redis);
  const onUnreadable = unreadableTo(context);
  const now = (): Promise<number> => redisNow(redis);
  let linkOf: LinkOf = async () => null;

  const report: TellNeeds['report'] = (what, { receiver, incident, failure }) => {
    const fields = { receiver, incident, ...(failure === null ? {} : { error: failure }) };
    if (what === 'accepts') log.info(fields, 'receiver of alarms takes them again');
    else if (what === 'refuses') log.error(fields, 'receiver of alarms refuses everything');
    else log.error(fields, what === 'gave-up' ? 'alarm given up' : 'alarm refused');
    if (what === 'refuses' || what === 'accepts') metrics.receiverRefuses.set({ receiver }, what === 'refuses' ? 1 : 0);
  };

  const known = new Map<string, { readonly alarms: Alarms; readonly tell: Tell }>();
  const ofCluster = (cluster: string): { readonly alarms: Alarms; readonly tell: Tell } => {
    const before = known.get(cluster);
    if (before !== undefined) return before;
    const alarms = createAlarms({ redis, cluster });
    const tell = createTell({
      store: createStore({ redis, cluster, onUnreadable }),
      alarms,
      refusals,
      receivers,
      rules,
      now,
      link: async (incident) => linkOf(cluster, incident).catch(() => null),
      turn: () => turns.take(stopping),
      counted: (receiver, result) => metrics.alarmsSent.inc({ receiver, result }),
      report,
    });
    known.set(cluster, { alarms, tell });
    return { alarms, tell };
  };

  const running = new Set<Promise<void>>();
  const start = (cluster: string, incident: string): void => {
    if (stopping.aborted) return;
    const { alarms, tell } = ofCluster(cluster);
    const telling = tell(incident).then(
      () => undefined,
      async (error: unknown) => {
        if (stopping.aborted) return;
        const isNewer = newer.noted(error);
        log[isNewer ? 'debug' : 'warn']({ error, cluster, incident }, 'alarm not looked at');
        await alarms.postpone(incident, (await now()) + (isNewer ? newerMs : unreadableMs));
      },
    );
    const done = telling.catch(() => undefined).finally(() => running.delete(done));
    running.add(done);
  };

  for (const { name, configuration } of receivers) {
    const refusal = await refusals.of(name);
    metrics.receiverRefuses.set({ receiver: name }, refusal?.configuration === configuration ? 1 : 0);
  }
  const sweeping = every(
    config.timing.sweepEveryMs,
    async () => {
      for (const cluster of await listClusters(redis))
        for (const incident of await ofCluster(cluster).alarms.due(sweepBatch)) start(cluster, incident);
    },
    (error) => log.warn({ error }, 'sweep of alarms failed'),
  );
  context.add({
    name: 'alarms',
    stop: async () => {
      await sweeping.stop();
      await Promise.allSettled(running);
    },
  });
  log.info({ receivers: receivers.map(({ name }) => name) }, 'telling receivers of alarms');
  return {
    hint: start,
    linkBy: (given) => {
      linkOf = given;
    },
  };
}
