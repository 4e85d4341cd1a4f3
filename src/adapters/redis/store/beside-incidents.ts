import { limitBeforeMs, limitBeforeSchema, pauseSchema } from '../../../core/approve/policy.ts';
import type { Pause } from '../../../core/approve/policy.ts';
import { pauseChangeSchema } from '../../../core/approve/pause-change.ts';
import { chartSeriesSchema } from '../../../core/evidence/chart-series.ts';
import { Failure } from '../../../core/failure.ts';
import { silenceSchema } from '../../../core/incident/incident.ts';
import type { Silence } from '../../../core/incident/incident.ts';
import { subjectSchema } from '../../../core/kill/kill.ts';
import type { Subject } from '../../../core/kill/kill.ts';
import type { Skipped, Store } from '../../../flow/needs.ts';
import type { Bounds } from '../bounds.ts';
import { redisNow } from '../connection.ts';
import { parseMember } from '../documents/parse.ts';
import { eachReadable, unlessUnreadable } from '../documents/readable.ts';
import { stored } from '../documents/stored.ts';
import { auditLineDocument } from './incident-documents.ts';
import type { ClusterKeys } from '../keys.ts';
import { changePause } from './pause.lua.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded } from '../redis-failure.ts';

const silenceDocument = stored('silence', silenceSchema);
const pauseDocument = stored('pause', pauseSchema);
const pauseChangeDocument = stored('pause-change', pauseChangeSchema);
const limitDocument = stored('limit-before', limitBeforeSchema);
const chartDocument = stored('chart', chartSeriesSchema);

interface BesideOptions {
  readonly redis: RedisClient;
  readonly keys: ClusterKeys;
  readonly bounds: Pick<Bounds, 'closedMs' | 'auditLines' | 'limits'>;
  readonly onUnreadable: Skipped;
}

type BesideIncidents = Pick<
  Store,
  | 'limitBefore'
  | 'keepLimit'
  | 'keepSilence'
  | 'silences'
  | 'pause'
  | 'killSwitch'
  | 'keepPause'
  | 'chart'
  | 'keepChart'
  | 'record'
  | 'audit'
>;

/** The silence of a subject; null if there is none or it cannot be read: then a kill is announced. @throws Failure */
export async function readSilence(redis: RedisClient, keys: ClusterKeys, subject: Subject): Promise<Silence | null> {
  const found = await guarded(redis.get(keys.silence(subject)));
  try {
    return found === null ? null : silenceDocument.read(`silence of ${subject.workload.name}`, found);
  } catch (failure) {
    if (failure instanceof Failure && failure.code === 'bad-document') return null;
    throw failure;
  }
}

/** What is stored beside the incidents: silences, the kill switch, charts, the audit record. */
export function createBesideIncidents({ redis, keys, bounds, onUnreadable }: BesideOptions): BesideIncidents {
  const readPause = async (): Promise<Pause | null> => {
    const found = await guarded(redis.get(keys.pause));
    if (found === null) return null;
    const pause = await unlessUnreadable('the pause', () => pauseDocument.read('the pause', found), onUnreadable);
    // Whoever stored it wanted a pause; only somebody who may approve can end it, as any other.
    return pause ?? { by: 'unknown', at: await redisNow(redis), reason: 'what is stored of the pause cannot be read' };
  };

  return {
    keepSilence: async (subject, silence) => {
      const key = keys.silence(subject);
      const now = await redisNow(redis);
      const left = silence === null ? 0 : Math.round(silence.until - now);
      await guarded(redis.zremrangebyscore(keys.silenced, '-inf', now));
      if (silence === null || left <= 0) {
        await guarded(redis.del(key));
        await guarded(redis.zrem(keys.silenced, JSON.stringify(subject)));
        return;
      }
      // First where it is found: what is listed and is none is left out.
      await guarded(redis.zadd(keys.silenced, silence.until, JSON.stringify(subject)));
      await guarded(redis.set(key, silenceDocument.write(silence), 'PX', left));
    },
    silences: async (skipped) => {
      const found = await guarded(redis.zrangebyscore(keys.silenced, await redisNow(redis), '+inf'));
      const read = await eachReadable(
        found.map(() => 'a silence'),
        async (name, at) => {
          const subject = parseMember(name, subjectSchema, found[at] ?? '');
          return { subject, silence: await readSilence(redis, keys, subject) };
        },
        (name, failure) => {
          onUnreadable(name, failure);
          skipped?.(name, failure);
        },
      );
      return read.flatMap(({ subject, silence }) => (silence === null ? [] : [{ subject, silence }]));
    },
    limitBefore: async (subject, since) => {
      const found = await guarded(redis.zrangebyscore(keys.limits(subject), since, '+inf'));
      // One that cannot be read must not keep everybody from deciding about this subject.
      const limits = await eachReadable(
        found.map(() => `a limit before a change of ${subject.workload.name}`),
        (name, at) => limitDocument.read(name, found[at] ?? ''),
        onUnreadable,
      );
      return limits[0] ?? null;
    },
    keepLimit: async (subject, before) => {
      const key = keys.limits(subject);
      await guarded(redis.zadd(key, before.at, limitDocument.write(before)));
      await guarded(redis.zremrangebyscore(key, '-inf', before.at - limitBeforeMs));
      await guarded(redis.zremrangebyrank(key, 0, -(bounds.limits + 1)));
      await guarded(redis.pexpire(key, limitBeforeMs));
    },
    pause: readPause,
    killSwitch: async () => {
      const [pause, [count, change]] = await Promise.all([
        readPause(),
        guarded(redis.hmget(keys.pauseChange, 'count', 'change')),
      ]);
      const last =
        typeof change === 'string'
          ? await unlessUnreadable(
              'the change of the pause',
              () => pauseChangeDocument.read('the change of the pause', change),
              onUnreadable,
            )
          : null;
      return { pause, changes: Number(count ?? 0), last };
    },
    keepPause: async (pause, change) => {
      const { pause: key, pauseChange, dueBot, open } = keys;
      await changePause.run(
        redis,
        { pause: key, pauseChange, dueBot, open },
        { pause: pause === null ? undefined : pauseDocument.write(pause), change: pauseChangeDocument.write(change) },
      );
    },
    chart: async (id) => {
      const found = await guarded(redis.get(keys.chart(id)));
      return found === null ? null : chartDocument.read(`chart ${id}`, found);
    },
    keepChart: async (id, series) => {
      await guarded(redis.set(keys.chart(id), chartDocument.write(series), 'PX', bounds.closedMs));
    },
    record: async (line) => {
      await guarded(redis.xadd(keys.audit, 'MAXLEN', '~', bounds.auditLines, '*', 'a', auditLineDocument.write(line)));
    },
    audit: async (since, limit, skipped) => {
      const found = await guarded(
        redis.xrange(keys.audit, String(Math.max(0, Math.round(since))), '+', 'COUNT', limit),
      );
      return eachReadable(
        found.map(([id]) => `line ${id} of the record`),
        (name, at) => auditLineDocument.read(name, found[at]?.[1][1] ?? ''),
        (name, failure) => {
          onUnreadable(name, failure);
          skipped?.(name, failure);
        },
      );
    },
  };
}
