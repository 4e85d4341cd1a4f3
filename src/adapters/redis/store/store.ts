import { z } from 'zod';
import { Failure } from '../../../core/failure.ts';
import type { Entry, Loaded } from '../../../core/incident/incident.ts';
import type { Change, Skipped, Store } from '../../../flow/needs.ts';
import { admit, admitWarning } from './admission.ts';
import { takeIncident } from './attempts.ts';
import { createBesideIncidents } from './beside-incidents.ts';
import { bounds as usualBounds, type Bounds } from '../bounds.ts';
import { createIgnored } from './ignored.ts';
import { createChildRuns } from './child-runs.ts';
import { commit } from './commit.lua.ts';
import { parseReply } from '../documents/parse.ts';
import { eachReadable, tellingOfNewer, unlessUnreadable } from '../documents/readable.ts';
import { dueNow, postpone } from './due.lua.ts';
import {
  auditLineDocument,
  entryDocument,
  incidentDocument,
  requestDocument,
  resultDocument,
} from './incident-documents.ts';
import { readImageKills } from './image-kills.ts';
import { readKilledPods } from './killed-pods.ts';
import { clusterKeys, type ClusterKeys } from '../keys.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded } from '../redis-failure.ts';
import { readResults } from './results.ts';
import { readSnapshot, snapshotSchema } from './snapshot.ts';
import { replicated } from '../replicated.ts';
import { keepSuspect, readSuspects } from './suspects.ts';

/** Each conflict means that another change was stored; so many in a row mean that something is wrong. */
const mostConflicts = 200;

const updateReplySchema = z.union([
  z.tuple([z.enum(['gone', 'reopened'])]),
  z.tuple([z.enum(['done', 'conflict']), snapshotSchema]),
]);
const requestReplySchema = z.enum(['recorded', 'known', 'no-incident']);

const tornEntry: Omit<Entry, 'at'> = {
  audience: { to: 'thread' },
  kind: 'audit',
  text: 'A line that belongs here cannot be read any more, so it is left out.',
  people: [],
  pre: null,
  broadcast: false,
  chart: null,
};

export interface StoreOptions {
  /** Role `store`. */
  readonly redis: RedisClient;
  readonly cluster: string;
  readonly bounds?: Bounds;
  /** Aborted when the process is told to stop. */
  readonly stopping?: AbortSignal;
  /** Told of everything that was left out of an answer because it cannot be read. */
  readonly onUnreadable?: Skipped;
}

/**
 * The incidents of one cluster in Redis. Every function throws only Failures; those of what cannot be read name the
 * incident whose document cannot be read.
 */
export function createStore({
  redis,
  cluster,
  bounds = usualBounds,
  stopping,
  onUnreadable = () => undefined,
}: StoreOptions): Store {
  const keys = clusterKeys(cluster);

  const read = async (id: string): Promise<Loaded | null> => {
    const { incident, recent, requests } = keys.of(id);
    const { due, dueBot, dueAlarms, open } = keys;
    const reply = await named(
      `incident ${id}`,
      commit.run(redis, { incident, recent, requests, due, dueBot, dueAlarms, open }, { form: 'read', id }),
    );
    return reply === null ? null : readSnapshot(cluster, id, parseReply(`read incident ${id}`, snapshotSchema, reply));
  };

  const load = async (id: string): Promise<Loaded | null> => tellingOfNewer(id, async () => read(id), onUnreadable);

  const both =
    (skipped: Skipped | undefined): Skipped =>
    (name, failure) => {
      onUnreadable(name, failure);
      skipped?.(name, failure);
    };

  /** A thread goes on behind a line that is torn. One of a newer version waits for a process that can read it. */
  const readEntry = (what: string, { id, json }: { readonly id: string; readonly json: string }): Entry => {
    try {
      return entryDocument.read(what, json);
    } catch (failure) {
      if (!(failure instanceof Failure) || failure.code !== 'bad-document') throw failure;
      onUnreadable(what, failure);
      return { ...tornEntry, at: Number(id.split('-')[0]) };
    }
  };

  return {
    load,
    admit: (kill, mode) => admit({ redis, cluster, keys, bounds }, kill, mode),
    warn: (warned, alert, mode) => admitWarning({ redis, cluster, keys, bounds }, warned, alert, mode),
    latestOf: async (subject) => {
      const id =
        (await guarded(redis.get(keys.openPointer(subject)))) ?? (await guarded(redis.get(keys.lastPointer(subject))));
      return id === null ? null : unlessUnreadable(id, async () => read(id), onUnreadable);
    },
    isAdmitted: async (fingerprint) => (await guarded(redis.zscore(keys.ledger, fingerprint))) !== null,
    hasOpen: async (subject) => (await guarded(redis.exists(keys.openPointer(subject)))) === 1,
    childRuns: createChildRuns(redis, keys, { ...bounds, onUnreadable }),
    ...createBesideIncidents({ redis, keys, bounds, onUnreadable }),
    keepSuspect: (kill, why) => keepSuspect(redis, keys, bounds, { kill, why }),
    suspects: async (skipped) => readSuspects(redis, { cluster, keys, skipped: both(skipped) }),
    ignored: async (skipped) => createIgnored({ redis, cluster, bounds }).read(both(skipped)),
    results: (since, skipped) => readResults(redis, keys, { since, skipped: both(skipped) }),
    killedPods: () => readKilledPods(redis, keys),
    killedImages: (repository) => readImageKills(redis, keys, repository),
    open: async (limit, skipped) => {
      const ids = await guarded(redis.zrange(keys.open, 0, String(limit - 1), 'REV'));
      return eachReadable(ids, read, both(skipped));
    },
    update: async (id, decide) => {
      let loaded = await load(id);
      for (let conflicts = 0; loaded !== null && conflicts < mostConflicts; conflicts += 1) {
        const change = decide(loaded);
        if (change === null) return loaded;
        const outcome = await commitUpdate({ redis, keys, bounds }, loaded, change);
        if (outcome.is === 'stored') return outcome.loaded;
        loaded = outcome.loaded;
      }
      if (loaded === null) return null;
      throw new Failure('update-contended', `Incident ${id} is changed by others without a pause`, {
        retry: 'backoff',
      });
    },
    recordRequest: async (request) => {
      const { incident, requests, asked } = keys.of(request.incident);
      const reply = await commit.run(
        redis,
        { incident, requests, asked, due: keys.due },
        {
          form: 'request',
          id: request.incident,
          requestId: request.id,
          request: requestDocument.write(request),
          askedKept: bounds.asked,
        },
      );
      const is = parseReply('request', requestReplySchema, reply);
      if (is !== 'no-incident') await replicated(redis, requests);
      return is;
    },
    due: async (limit) => parseReply('due', z.array(z.string()), await dueNow.run(redis, [keys.due], [limit])),
    postpone: async (id, dueAt, seen) => {
      const { incident, requests } = keys.of(id);
      const known = seen && {
        version: seen.incident.version,
        kills: seen.tally.count,
        requests: seen.requests.length,
      };
      await postpone.run(redis, { due: keys.due, incident, requests }, { id, dueAt: Math.round(dueAt), ...known });
    },
    take: (id, how) => takeIncident(id, how, { redis, keys, bounds, stopping }),
    entries: async (id, after, limit) => {
      const found = await guarded(redis.xrange(keys.of(id).timeline, `(${after}`, '+', 'COUNT', limit));
      return tellingOfNewer(
        `the thread of incident ${id}`,
        () =>
          found.map(([entryId, fields]) => ({
            id: entryId,
            entry: readEntry(`entry ${entryId} of incident ${id}`, { id: entryId, json: fields[1] ?? '' }),
          })),
        onUnreadable,
      );
    },
  };
}

/** Redis does not say what it was asked for. */
async function named<T>(what: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (failure) {
    if (!(failure instanceof Failure) || failure.code !== 'bad-document') throw failure;
    throw new Failure(failure.code, `What is stored of ${what} cannot be read: ${failure.message}`, { cause: failure });
  }
}

type Outcome =
  | { readonly is: 'stored'; readonly loaded: Loaded | null }
  | { readonly is: 'conflict'; readonly loaded: Loaded };

/** Form `update` of the commit script. */
async function commitUpdate(
  { redis, keys, bounds }: { redis: RedisClient; keys: ClusterKeys; bounds: Bounds },
  seen: Loaded,
  change: Change,
): Promise<Outcome> {
  const { id, subject, version } = seen.incident;
  const { cluster } = subject;
  const { incident, recent, requests, timeline, asked, posting, alarm } = keys.of(id);
  const after = { ...change.incident, id, version: version + 1 };
  const reply = await commit.run(
    redis,
    {
      incident,
      recent,
      requests,
      timeline,
      asked,
      posting,
      alarm,
      due: keys.due,
      dueBot: keys.dueBot,
      dueAlarms: keys.dueAlarms,
      open: keys.open,
      openPointer: keys.openPointer(subject),
      lastPointer: keys.lastPointer(subject),
      audit: keys.audit,
      results: keys.results,
    },
    {
      form: 'update',
      id,
      expectedVersion: version,
      seenKills: seen.tally.count,
      seenRequests: seen.requests.length,
      state: after.state.is,
      document: incidentDocument.write(after),
      dueAt: change.dueAt === null ? undefined : Math.round(change.dueAt),
      decided: change.decided,
      entries: change.entries.map(entryDocument.write),
      entriesKept: bounds.entries,
      audit: change.audit.map(auditLineDocument.write),
      auditKept: bounds.auditLines,
      results: change.audit.flatMap(({ result }) => (result === null ? [] : [resultDocument.write(result)])),
      resultsKept: bounds.results,
      closedMs: bounds.closedMs,
    },
  );
  const [is, snapshot] = parseReply('update', updateReplySchema, reply);
  switch (is) {
    case 'gone':
      return { is: 'stored', loaded: null };
    case 'reopened':
      throw new Failure('incident-closed', `Incident ${id} is closed and cannot be opened again`);
    case 'done':
      return { is: 'stored', loaded: readSnapshot(cluster, id, snapshot) };
    case 'conflict':
      return { is: 'conflict', loaded: readSnapshot(cluster, id, snapshot) };
  }
}
