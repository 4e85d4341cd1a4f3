import { z } from 'zod';
import { Failure } from '../../../core/failure.ts';
import { type Trigger, triggerSchema } from '../../../core/kill/trigger.ts';
import { growingObject } from '../../../core/units/growing-object.ts';
import type { DeadLetters } from '../../../flow/needs.ts';
import { ownVersion } from '../../own-version.ts';
import { bounds as usualBounds, type Bounds } from '../bounds.ts';
import { redisNow } from '../connection.ts';
import { clusterKeys, clusterTag } from '../keys.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded, withDeadline } from '../redis-failure.ts';
import { replicated } from '../replicated.ts';
import { stored } from '../documents/stored.ts';
import { createProducer, refusal, runQueueWorker, type RunningWorker, type WorkerOptions } from './queue.ts';
import { minuteMs } from '../../../core/units/duration.ts';

/*
 * Kills on their way from the watcher to the worker. A kill that a worker cannot read was written by another version,
 * so it is kept beside the queue until a version comes that can read it. One of another cluster is kept there too and
 * never admitted: no watcher writes it, and it would choose whose policy applies.
 */

/**
 * A job of `kills`. Fields of a newer version are ignored; only a change that an older version must not ignore raises
 * `schema`. Jobs that do not match go to the dead letters.
 */
const killJobSchema = z.object({ schema: z.literal(1), kill: triggerSchema });
const writtenSchema = z.object({ writtenBy: z.string() });

/** The kill of a job, or why it is not taken: `unreadable-job` or `other-cluster`. */
function readKill(data: unknown, cluster: string): Trigger | Failure {
  const parsed = killJobSchema.safeParse(data);
  if (!parsed.success)
    return new Failure(
      'unreadable-job',
      `A kill job ${writerWords(data)}cannot be read by this version, ${ownVersion}; it is kept until a worker can: ${z.prettifyError(parsed.error)}`,
      {
        cause: parsed.error,
      },
    );
  const { kill } = parsed.data;
  if (kill.subject.cluster !== cluster)
    return new Failure(
      'other-cluster',
      `A kill of cluster ${kill.subject.cluster} came in the queue of ${cluster}: ${kill.fingerprint}`,
    );
  return kill;
}

/** Jobs of the first versions do not say it. */
function writerWords(data: unknown): string {
  const parsed = writtenSchema.safeParse(data);
  return parsed.success ? `of version ${parsed.data.writtenBy.slice(0, 40)} ` : '';
}

/** The queue of kills, as the watcher uses it. */
export interface KillQueue {
  /**
   * Resolves when the kill is in the queue, and on a replica if there are any; before that the watcher must not move
   * its checkpoint past it. The same kill may be added any number of times.
   * @throws Failure('queue-unreachable' | 'redis-unreachable', backoff) after `deadlineMs`, at most twice that
   */
  readonly add: (trigger: Trigger, deadlineMs: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Retried without end: a kill is lost only if Redis itself loses it. */
const attempts = 1_000_000_000;

/** `redis` has role `producer`. */
export function createKillQueue({
  redis,
  cluster,
}: {
  readonly redis: RedisClient;
  readonly cluster: string;
}): KillQueue {
  const producer = createProducer({ redis, queue: 'kills', cluster });
  return {
    add: async (trigger, deadlineMs) => {
      await producer.add(
        { schema: 1, writtenBy: ownVersion, kill: trigger },
        { attempts, backoff: { type: 'kills' } },
        deadlineMs,
      );
      await withDeadline(replicated(redis, clusterKeys(cluster).checkpoint), deadlineMs);
    },
    close: producer.close,
  };
}

/** ms until the next attempt: doubling from half a second, at most a minute, a quarter up or down. `random` is 0..1. */
export function killBackoffMs(attemptsMade: number, random: number): number {
  const base = Math.min(500 * 2 ** Math.min(attemptsMade - 1, 20), minuteMs);
  return Math.round(base * (0.75 + random / 2));
}

export interface KillWorkerOptions extends WorkerOptions {
  readonly cluster: string;
  /** Admits a kill; `ends` processes ended while they had it. Whatever it throws, the kill is retried with growing pauses. */
  readonly handle: (trigger: Trigger, ends: number) => Promise<void>;
}

/**
 * Takes kills from the queue. A job that is no kill (another version wrote it), or one of another cluster, goes to the
 * dead letters with the reason; `onError` is called with Failure('unreadable-job' | 'other-cluster').
 */
export function runKillWorker({ handle, ...options }: KillWorkerOptions): RunningWorker {
  const dead = createDeadKills(options);
  return runQueueWorker({
    ...options,
    queue: 'kills',
    prefix: clusterTag(options.cluster),
    settings: { backoffStrategy: (attemptsMade) => killBackoffMs(attemptsMade, Math.random()) },
    process: async (data, ends) => {
      const kill = readKill(data, options.cluster);
      if (!(kill instanceof Failure)) return handle(kill, ends);
      await dead.bury(data, kill.message);
      throw refusal(kill);
    },
  });
}

const deadKillSchema = growingObject({
  /** ms UTC by the server's clock. */
  at: z.number(),
  reason: z.string(),
  /** The job's data as it was found. */
  data: z.unknown(),
});
export type DeadKill = z.infer<typeof deadKillSchema>;
const deadKillDocument = stored('dead-kill', deadKillSchema);

/** Kill jobs that a worker could not read. `redis` has role `store` or `worker`. */
export interface DeadKills extends DeadLetters {
  readonly bury: (data: unknown, reason: string) => Promise<void>;
  /** Newest first. */
  readonly list: (limit: number) => Promise<readonly DeadKill[]>;
}

export function createDeadKills({
  redis,
  cluster,
  bounds = usualBounds,
}: {
  readonly redis: RedisClient;
  readonly cluster: string;
  readonly bounds?: Pick<Bounds, 'deadKills'>;
}): DeadKills {
  const { killsDead, killsDeadCount } = clusterKeys(cluster);
  return {
    bury: async (data, reason) => {
      const dead: DeadKill = { at: await redisNow(redis), reason, data };
      await guarded(
        redis
          .multi()
          .lpush(killsDead, deadKillDocument.write(dead))
          .ltrim(killsDead, 0, bounds.deadKills - 1)
          .incr(killsDeadCount)
          .exec(),
      );
    },
    count: async () => {
      const [kept, ever] = await Promise.all([guarded(redis.llen(killsDead)), guarded(redis.get(killsDeadCount))]);
      return { kept, ever: Number(ever ?? 0) };
    },
    revive: async (take) => {
      const found = await guarded(redis.lrange(killsDead, 0, -1));
      const failures: unknown[] = [];
      let taken = 0;
      for (const json of found.toReversed()) {
        const kill = readKill(dataOf(json), cluster);
        if (kill instanceof Failure) continue;
        try {
          await take(kill);
          await guarded(redis.lrem(killsDead, 1, json));
          taken += 1;
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
      return taken;
    },
    list: async (limit) => {
      const found = await guarded(redis.lrange(killsDead, 0, limit - 1));
      return found.map((json) => deadKillDocument.read('a dead kill', json));
    },
  };
}

/** The job of a dead kill; null where it is torn. */
function dataOf(json: string): unknown {
  try {
    return deadKillDocument.read('a dead kill', json).data;
  } catch (failure) {
    if (failure instanceof Failure) return null;
    throw failure;
  }
}
