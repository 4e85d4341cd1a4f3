import { closeRedis, connectRedis, redisNow, redisReady } from '../../../src/adapters/redis/connection.ts';
import { clusterKeys, clusterTag } from '../../../src/adapters/redis/keys.ts';
import { createPostings } from '../../../src/adapters/redis/slack/postings.ts';
import { slackIds } from '../../../src/adapters/slack/approver-ids.ts';
import type { RedisClient } from '../../../src/adapters/redis/redis-client.ts';
import { createStore } from '../../../src/adapters/redis/store/store.ts';
import { everythingFor, policyFileSchema } from '../../../src/core/approve/policy.ts';
import type { Freeze, Rule } from '../../../src/core/approve/policy.ts';
import type { Entry, Incident, Loaded, Remediation, Request } from '../../../src/core/incident/incident.ts';
import type { Kill } from '../../../src/core/kill/kill.ts';
import { admitKill } from '../../../src/flow/admit.ts';
import { wait } from '../../../src/app/wait.ts';
import { advance } from '../../../src/flow/advance.ts';
import { untraced } from '../../../src/core/trace.ts';
import type { Forge } from '../../../src/flow/forge/needs.ts';
import type { Store } from '../../../src/flow/needs.ts';
import type { Postings } from '../../../src/flow/show/needs.ts';
import type { WorkerNeeds, WorkerPace } from '../../../src/flow/worker-needs.ts';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { openTestRedis, uniqueCluster, type TestRedis } from '../../redis.ts';
import { aKill } from '../../fixtures/incidents.ts';
import { aCluster, readerOf, writerOf, type PretendCluster } from './pretend-cluster.ts';

export const minute = 60_000;
export const hour = 60 * minute;

/** May approve. */
export const amira = 'UAMIRA';
/** May not. */
export const sam = 'USAM';

export const usualPace: WorkerPace = {
  explainAgainMs: 30_000,
  settleMs: 75_000,
  runSettledMs: 600_000,
  refreshMs: hour,
  impactEveryMs: minute,
  confirmEveryMs: 2_000,
  confirmTimeoutMs: 5 * minute,
  verifyAfterMs: 15 * minute,
  watchAtMostMs: 7 * 24 * hour,
  syncTimeoutMs: hour,
  pollMs: 60_000,
  leaseMs: 10_000,
};

export interface KillChanges {
  /** How long the container had lived, ms. Default 1 h. */
  readonly livedMs?: number;
  /** Limit in force; default what the pretend cluster enforces. */
  readonly limit?: number;
  readonly workload?: string;
  readonly fingerprint?: string;
  readonly suspect?: boolean;
}

/** A real store, the real flow, a pretend cluster, and a clock that a test moves. */
export interface WorkerWorld {
  /** For what only a look into Redis itself shows; `name` is the cluster's. */
  readonly redis: RedisClient;
  readonly redisUrl: string;
  readonly name: string;
  readonly store: Store;
  readonly postings: Postings;
  readonly cluster: PretendCluster;
  readonly needs: WorkerNeeds;
  /** What was hinted, in order: `show INC-…`, `advance INC-…`. */
  readonly hinted: readonly string[];
  readonly now: () => Promise<number>;
  /** Lets time go by for everything but Redis' own `due`. */
  readonly pass: (ms: number) => void;
  readonly kill: (changes?: KillChanges) => Promise<Kill>;
  /** A kill happens and is admitted; the id of its incident. */
  readonly killed: (changes?: KillChanges) => Promise<string>;
  /** Advances once, with the usual needs. */
  readonly look: (incident: string) => Promise<void>;
  /**
   * Advances with other needs. With `commits` the worker dies before the commit after so many, as if it was killed.
   */
  readonly lookWith: (incident: string, changes: Partial<WorkerNeeds>, commits?: number) => Promise<void>;
  /** Somebody clicks; the worker has not looked yet. */
  readonly ask: (
    incident: string,
    action: Request['action'],
    by: string,
    plan?: string,
    more?: Partial<Request>,
  ) => Promise<Request>;
  /** When the worker is to look at it again, ms UTC; null = never. */
  readonly dueAt: (incident: string) => Promise<number | null>;
  readonly load: (incident: string) => Promise<Loaded>;
  readonly incident: (incident: string) => Promise<Incident>;
  /** The newest remediation; throws when there is none. */
  readonly remediation: (incident: string) => Promise<Remediation>;
  /** Texts of the thread, oldest first. */
  readonly thread: (incident: string) => Promise<readonly string[]>;
  readonly entries: (incident: string) => Promise<readonly Entry[]>;
  /** What only this person sees. */
  readonly answers: (incident: string, user: string) => Promise<readonly string[]>;
}

export interface WorldChanges {
  readonly mode?: 'observe' | 'act';
  readonly approvers?: readonly string[];
  readonly rules?: readonly Rule[];
  readonly freezes?: readonly Freeze[];
  readonly approvalTtlMs?: number;
  readonly changeTtlMs?: number;
  /** As the policy file has it, for whom an incident reaches. */
  readonly policy?: unknown;
  readonly threadUrl?: WorkerNeeds['threadUrl'];
  readonly forge?: Forge;
  readonly pace?: Partial<WorkerPace>;
}

export interface Worlds {
  readonly open: (changes?: WorldChanges) => Promise<WorkerWorld>;
}

/** One Redis for a file; what a test wrote is deleted after it. */
export function useWorlds(): Worlds {
  let server: TestRedis;
  let redis: RedisClient;
  const clusters: string[] = [];
  beforeAll(async () => {
    server = await openTestRedis();
    redis = connectRedis(server.url, { role: 'store', onError: () => undefined });
    await redisReady(redis, 60_000);
  });
  afterEach(async () => {
    const tags = clusters.splice(0).map(clusterTag);
    const keys = (await redis.keys('*')).filter((key) => tags.some((tag) => key.startsWith(tag)));
    if (keys.length > 0) await redis.del(...keys);
  });
  afterAll(async () => {
    await closeRedis(redis);
    await server.stop();
  });
  return {
    open: (changes = {}) => {
      const name = uniqueCluster();
      clusters.push(name);
      return openWorld({ redis, redisUrl: server.url }, name, changes);
    },
  };
}

const died = new Error('the worker died');

async function openWorld(
  { redis, redisUrl }: Pick<WorkerWorld, 'redis' | 'redisUrl'>,
  name: string,
  changes: WorldChanges,
): Promise<WorkerWorld> {
  let offset = 0;
  let kills = 0;
  let requests = 0;
  const now = async (): Promise<number> => (await redisNow(redis)) + offset;
  const cluster = aCluster(await now());
  const store = createStore({ redis, cluster: name });
  const hinted: string[] = [];
  const needs: WorkerNeeds = {
    store,
    hints: {
      show: (id) => Promise.resolve(void hinted.push(`show ${id}`)),
      advance: (id) => Promise.resolve(void hinted.push(`advance ${id}`)),
    },
    reader: readerOf(cluster, now),
    writer: writerOf(cluster, now),
    now,
    wait,
    policy: {
      mode: changes.mode ?? 'act',
      rules: changes.rules ?? everythingFor(changes.approvers ?? [amira]),
      freezes: changes.freezes ?? [],
      approvalTtlMs: changes.approvalTtlMs ?? hour,
      changeTtlMs: changes.changeTtlMs ?? 15 * minute,
    },
    notify: policyFileSchema(slackIds).parse(changes.policy ?? {}),
    threadUrl: changes.threadUrl ?? (() => Promise.resolve(null)),
    forge: changes.forge ?? null,
    sources: [],
    pace: { ...usualPace, ...changes.pace },
    log: () => undefined,
    trace: untraced,
    onSetAside: () => undefined,
  };

  const load = async (id: string): Promise<Loaded> => {
    const loaded = await store.load(id);
    if (!loaded) throw new Error(`there is no ${id}`);
    return loaded;
  };
  const entries = async (id: string): Promise<Entry[]> =>
    (await store.entries(id, '0', 1000)).map(({ entry }) => entry);
  const kill = async (how: KillChanges = {}): Promise<Kill> => {
    kills += 1;
    const n = kills;
    const at = await now();
    const [pod] = cluster.pods;
    const limit = how.limit ?? pod?.level ?? cluster.template;
    return aKill({
      fingerprint: how.fingerprint ?? `kill-${n}`,
      subject: {
        ...aKill().subject,
        cluster: name,
        workload: { kind: 'Deployment', name: how.workload ?? 'checkout' },
      },
      suspect: how.suspect ?? false,
      reason: how.suspect === true ? 'Error' : 'OOMKilled',
      pod: pod?.uid ?? 'pod-1',
      podUid: pod?.uid ?? 'pod-1',
      containerId: `containerd://${n}`,
      startedAt: new Date(at - (how.livedMs ?? hour)).toISOString(),
      finishedAt: new Date(at).toISOString(),
      restartCount: n,
      limitBytes: limit,
      limitInForceBytes: limit,
      seenAt: at,
    });
  };

  return {
    store,
    redis,
    redisUrl,
    name,
    postings: createPostings({ redis, cluster: name }),
    cluster,
    needs,
    hinted,
    now,
    pass: (ms) => {
      offset += ms;
    },
    kill,
    killed: async (how) => {
      const admission = await admitKill(await kill(how), needs);
      if (!('incident' in admission)) throw new Error(`the kill is ${admission.is}`);
      return admission.incident;
    },
    look: async (id) => {
      if ((await advance(id, needs, true)) !== 'advanced') throw new Error(`${id} could not be advanced`);
    },
    lookWith: async (id, other, commits = Infinity) => {
      let left = commits;
      const { update } = other.store ?? store;
      const dying: Store = {
        ...(other.store ?? store),
        update: (incident, decide) => {
          left -= 1;
          return left < 0 ? Promise.reject(died) : update(incident, decide);
        },
      };
      await advance(id, { ...needs, ...other, store: dying }, true).catch((error: unknown) => {
        if (error !== died) throw error;
      });
    },
    ask: async (id, action, by, plan, more = {}) => {
      requests += 1;
      const { remediations } = (await load(id)).incident;
      const asked: Request = {
        id: `request-${requests}`,
        incident: id,
        action,
        plan: action === 'acknowledge' ? null : (plan ?? remediations.at(-1)?.plan.id ?? 'PLAN-000000'),
        by,
        at: (await now()) + requests,
        groups: [],
        value: null,
        silence: null,
        ...more,
      };
      await store.recordRequest(asked);
      return asked;
    },
    dueAt: async (id) => {
      const score = await redis.zscore(clusterKeys(name).due, id);
      return score === null ? null : Number(score);
    },
    load,
    incident: async (id) => (await load(id)).incident,
    remediation: async (id) => {
      const last = (await load(id)).incident.remediations.at(-1);
      if (!last) throw new Error(`${id} has no remediation`);
      return last;
    },
    entries,
    thread: async (id) =>
      (await entries(id)).filter(({ audience }) => audience.to === 'thread').map(({ text }) => text),
    answers: async (id, user) =>
      (await entries(id))
        .filter(({ audience }) => audience.to === 'person' && audience.user === user)
        .map(({ text }) => text),
  };
}
