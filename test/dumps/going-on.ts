import { setTimeout as delay } from 'node:timers/promises';
import { redisNow } from '../../src/adapters/redis/connection.ts';
import { slackKeys } from '../../src/adapters/redis/keys.ts';
import { takeLease } from '../../src/adapters/redis/lease.ts';
import type { RedisClient } from '../../src/adapters/redis/redis-client.ts';
import { createPostings } from '../../src/adapters/redis/slack/postings.ts';
import { createStorms } from '../../src/adapters/redis/slack/storms.ts';
import { slackIds } from '../../src/adapters/slack/approver-ids.ts';
import { wait } from '../../src/app/wait.ts';
import { everythingFor, policyFileSchema } from '../../src/core/approve/policy.ts';
import type { Remediation } from '../../src/core/incident/incident.ts';
import { placeSchema } from '../../src/core/talk/place.ts';
import type { Place } from '../../src/core/talk/place.ts';
import { untraced } from '../../src/core/trace.ts';
import type { Store } from '../../src/flow/needs.ts';
import { createChannels } from '../../src/flow/show/channels.ts';
import { createChannelQueues } from '../../src/flow/show/channel-queues.ts';
import type { Clock } from '../../src/flow/show/channel-queues.ts';
import { createFlood } from '../../src/flow/show/flood.ts';
import type { Chat, Content } from '../../src/flow/show/needs.ts';
import { createShow } from '../../src/flow/show/show.ts';
import type { Show } from '../../src/flow/show/show.ts';
import type { WorkerNeeds } from '../../src/flow/worker-needs.ts';
import { aCluster, readerOf } from '../flow/worker/pretend-cluster.ts';
import { amira, hour, minute, usualPace } from '../flow/worker/worker-world.ts';
import { inDump } from './record-dump.ts';

interface Stored {
  readonly redis: RedisClient;
  readonly store: Store;
}

/** A worker of this version, in a cluster in which a resize works, as the plan saw it. */
export function workerOn(
  { redis, store }: Stored,
  { plan }: Remediation,
): { readonly needs: WorkerNeeds; readonly writes: readonly string[] } {
  const writes: string[] = [];
  const now = async (): Promise<number> => redisNow(redis);
  const began = Date.now() - 2 * hour;
  const cluster = aCluster(began);
  const { limitBytes, requestBytes } = plan.from;
  const before = limitBytes ?? 0;
  cluster.template = before;
  cluster.pods = plan.pods.map(({ uid }) => ({
    uid,
    running: true,
    spec: before,
    status: before,
    level: before,
    request: requestBytes ?? 0,
    startedAt: began,
  }));
  const needs: WorkerNeeds = {
    store,
    hints: { show: async () => undefined, advance: async () => undefined },
    reader: readerOf(cluster, now),
    writer: {
      carryOut: async ({ id, to }, means, mayWrite) => {
        const after = to.limitBytes ?? 0;
        if (cluster.pods.every(({ spec }) => spec === after)) return;
        await mayWrite();
        writes.push(`${id} by ${means}`);
        cluster.pods = cluster.pods.map((pod) => ({ ...pod, spec: after, status: after, level: after }));
      },
    },
    now,
    wait,
    policy: {
      mode: 'act',
      rules: everythingFor([amira]),
      freezes: [],
      approvalTtlMs: hour,
      changeTtlMs: 15 * minute,
    },
    notify: policyFileSchema(slackIds).parse({}),
    threadUrl: async () => null,
    forge: null,
    sources: [],
    pace: { ...usualPace, confirmEveryMs: 10, verifyAfterMs: 50, watchAtMostMs: 200, leaseMs: 5_000 },
    log: () => undefined,
    trace: untraced,
    onSetAside: () => undefined,
  };
  return { needs, writes };
}

/** A bot of this version, in a chat in which everything that was posted before is there. */
export function botOn({ redis, store, channel }: Stored & { readonly channel: string }): Show & {
  readonly close: () => Promise<void>;
  readonly posted: readonly Content['of'][];
  readonly edited: readonly Place[];
} {
  const posted: Content['of'][] = [];
  const edited: Place[] = [];
  const chat: Chat = {
    post: async (to, { of }) => {
      posted.push(of);
      return placeSchema.parse(`${to.channel}/new-${posted.length}`);
    },
    edit: async (place) => void edited.push(place),
    find: async () => [],
    remove: async () => undefined,
    prepare: async () => undefined,
    openRoots: async () => [],
    openRoot: async () => null,
  };
  const clock: Clock = {
    now: () => performance.now(),
    wait: async (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
  };
  const rate = { burst: 1_000, perSecond: 1_000 };
  const queues = createChannelQueues({
    lease: async (to, forMs) => takeLease(redis, slackKeys.sender(to), forMs),
    clock,
    rates: { post: rate, update: rate, ephemeral: rate },
    leaseMs: 5_000,
    leaseRetryMs: 10,
    patienceMs: 5_000,
  });
  const show = createShow({
    store,
    postings: createPostings({ redis, cluster: inDump.cluster }),
    chat,
    queues,
    flood: createFlood({ queues, clock, after: 0, lastsMs: 500 }),
    openRoots: { in: async () => [] },
    storms: createStorms({ redis }),
    showStorm: () => undefined,
    now: async () => redisNow(redis),
    channels: createChannels({ routes: [], named: [] }, 'oom-alerts', new Map([['oom-alerts', channel]]), {
      readers: [],
      publicIds: new Set([channel]),
    }),
    settings: { searchAgainMs: 400, retryMs: 20, deadChannelMs: 100, scanMs: 1_000 },
    trace: untraced,
    trouble: (failure) => {
      throw failure;
    },
  });
  return { ...show, close: queues.close, posted, edited };
}
