import { onTestFinished } from 'vitest';
import { startAlertmanager, type Alertmanager } from '../../../sandbox/alertmanager/start-alertmanager.ts';
import { createClock } from '../../../sandbox/clock.ts';
import { startPagerduty, type Pagerduty } from '../../../sandbox/pagerduty/start-pagerduty.ts';
import { closeRedis, connectRedis, redisNow } from '../../../src/adapters/redis/connection.ts';
import { createAlarms } from '../../../src/adapters/redis/notify/alarms.ts';
import { createRefusals } from '../../../src/adapters/redis/notify/refusals.ts';
import { slackKeys } from '../../../src/adapters/redis/keys.ts';
import { createStore } from '../../../src/adapters/redis/store/store.ts';
import { createAlertmanager } from '../../../src/adapters/alertmanager/alertmanager.ts';
import { createPagerduty } from '../../../src/adapters/pagerduty/pagerduty.ts';
import type { Incident } from '../../../src/core/incident/incident.ts';
import type { AlarmRule } from '../../../src/core/notify/alarm-rule.ts';
import { createTurns } from '../../../src/core/turns.ts';
import type { Alarms, Receiver, Reported, TellNeeds } from '../../../src/flow/notify/needs.ts';
import { createTell } from '../../../src/flow/notify/tell.ts';
import type { Tell } from '../../../src/flow/notify/tell.ts';
import type { Store } from '../../../src/flow/needs.ts';
import { aKill, anExplanation } from '../../fixtures/incidents.ts';
import { uniqueCluster } from '../../redis.ts';

export interface AlarmWorld {
  readonly pagerduty: Pagerduty;
  readonly alertmanager: Alertmanager;
  readonly cluster: string;
  readonly store: Store;
  readonly alarms: Alarms;
  /** As another bot would: with the same Redis. */
  readonly bot: (changes?: Partial<TellNeeds>) => Tell;
  /** What was reported to the operator, oldest first. */
  readonly reports: readonly (Reported & { readonly what: string })[];
  /** An explained incident of a kill that was a moment ago. */
  readonly kill: () => Promise<string>;
  readonly update: (id: string, changes: Partial<Incident>) => Promise<void>;
  /** Redis time seems this many ms later from now on, to everybody. */
  readonly wait: (ms: number) => void;
  readonly now: () => Promise<number>;
  /** What PagerDuty accepted about an incident, oldest first. */
  readonly paged: (id: string) => readonly string[];
}

const timeoutMs = 60_000;

/** A real Redis, both pretended receivers, and as many bots as a test needs. */
export async function openAlarmWorld(redisUrl: string, rules: readonly AlarmRule[] = []): Promise<AlarmWorld> {
  const redis = connectRedis(redisUrl, { role: 'store', onError: () => undefined });
  const cluster = uniqueCluster();
  let laterMs = 0;
  const now = async (): Promise<number> => (await redisNow(redis)) + laterMs;
  const clock = { now: () => createClock().now() + laterMs };
  const pagerduty = await startPagerduty({ clock });
  const alertmanager = await startAlertmanager({ clock });
  // Refusals are kept by name, for all clusters: files that run beside each other share one Redis.
  const own = (receiver: Receiver): Receiver => ({ ...receiver, name: `${receiver.name}-${cluster}` });
  const receivers = [
    own(createPagerduty({ apiUrl: pagerduty.apiUrl, routingKey: pagerduty.routingKey, timeoutMs })),
    own(createAlertmanager({ url: alertmanager.url, token: null, place: 0, timeoutMs })),
  ];
  onTestFinished(async () => {
    await Promise.all([pagerduty.close(), alertmanager.close()]);
    const keys = await redis.keys(`*${cluster}*`);
    await redis.del([...keys, ...receivers.map(({ name }) => slackKeys.refusal(name))]);
    await closeRedis(redis);
  });
  const store = createStore({ redis, cluster });
  const alarms = createAlarms({ redis, cluster });
  const reports: (Reported & { readonly what: string })[] = [];
  const turns = createTurns(5);
  let kills = 0;

  const update: AlarmWorld['update'] = async (id, changes) => {
    await store.update(id, (loaded) => ({
      incident: { ...loaded.incident, ...changes },
      entries: [],
      audit: [],
      decided: [],
      dueAt: null,
    }));
  };

  return {
    pagerduty,
    alertmanager,
    cluster,
    store,
    alarms,
    reports,
    now,
    update,
    wait: (ms) => {
      laterMs += ms;
    },
    bot: (changes = {}) =>
      createTell({
        store,
        alarms,
        refusals: createRefusals(redis),
        receivers,
        rules,
        now,
        link: async () => 'https://acme.slack.com/archives/C1/p1',
        turn: () => turns.take(new AbortController().signal),
        counted: () => undefined,
        report: (what, about) => void reports.push({ what, ...about }),
        ...changes,
      }),
    kill: async () => {
      kills += 1;
      const subject = { ...aKill().subject, cluster, workload: { kind: 'Deployment', name: `checkout-${kills}` } };
      const seenAt = await now();
      const admission = await store.admit(aKill({ subject, fingerprint: `${cluster}/${kills}`, seenAt }), 'act');
      if (admission.is === 'known') throw new Error('the kill was known');
      await update(admission.incident, { explained: anExplanation() });
      return admission.incident;
    },
    paged: (id) => pagerduty.events().flatMap(({ key, action }) => (key.endsWith(`:${id}`) ? [action] : [])),
  };
}
