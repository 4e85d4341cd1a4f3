import { z } from 'zod';
import type { UsagePoint } from '../../../core/evidence/usage-now.ts';
import type { Sampling } from '../../../core/evidence/sampled-history.ts';
import { Failure } from '../../../core/failure.ts';
import { growingObject } from '../../../core/units/growing-object.ts';
import { bounds as usualBounds, type Bounds } from '../bounds.ts';
import { clusterKeys } from '../keys.ts';
import { stored } from '../documents/stored.ts';
import { takeLease, type Lease } from '../lease.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded, redisFailure } from '../redis-failure.ts';

const samplingSchema = growingObject({
  since: z.number(),
  at: z.number(),
  everyMs: z.number(),
  kept: z.number(),
  problem: z.string().nullable(),
});
const samplingDocument = stored('sampling', samplingSchema);

/** Commands that are sent together. */
const samplesAtOnce = 200;

export type SampleBounds = Pick<Bounds, 'sampled' | 'samples' | 'oldSamples' | 'samplesMs'>;

export interface Sample extends UsagePoint {
  /** `containerKey` of the container. */
  readonly name: string;
}

/** Samples of usage in one cluster, and the state of the sampling. Every function throws Failures. */
export interface Samples {
  /** Keeps new samples; the reader drops duplicates of one moment. `old`: also for the list of the last day. */
  readonly keep: (samples: readonly Sample[], old: boolean) => Promise<void>;
  /** Oldest first, up to a day: all of the last hour, before that one every five minutes. */
  readonly read: (names: readonly string[]) => Promise<ReadonlyMap<string, readonly UsagePoint[]>>;
  readonly sampling: () => Promise<Sampling | null>;
  readonly noteSampling: (sampling: Sampling) => Promise<void>;
  /** One worker samples; null while another does. */
  readonly lease: (forMs: number) => Promise<Lease | null>;
}

/** `redis` has role `store`. */
export function createSamples({
  redis,
  cluster,
  bounds = usualBounds,
}: {
  readonly redis: RedisClient;
  readonly cluster: string;
  readonly bounds?: SampleBounds;
}): Samples {
  const keys = clusterKeys(cluster);

  async function keep(samples: readonly Sample[], old: boolean): Promise<void> {
    for (let from = 0; from < samples.length; from += samplesAtOnce) {
      const pipeline = redis.pipeline();
      for (const { name, t, bytes } of samples.slice(from, from + samplesAtOnce)) {
        const lists = [
          { key: keys.samples(name), most: bounds.samples },
          ...(old ? [{ key: keys.oldSamples(name), most: bounds.oldSamples }] : []),
        ];
        for (const { key, most } of lists) {
          pipeline.rpush(key, `${t}:${bytes}`).ltrim(key, -most, -1).pexpire(key, bounds.samplesMs);
        }
        pipeline.zadd(keys.sampled, t, name);
      }
      await run(pipeline);
    }
    await forgetOldest();
  }

  /** Only the holder of the lease samples, so nobody adds to what is removed here. */
  async function forgetOldest(): Promise<void> {
    const tooMany = await guarded(redis.zrange(keys.sampled, 0, String(-bounds.sampled - 1)));
    if (tooMany.length > 0) {
      const lists = tooMany.flatMap((name) => [keys.samples(name), keys.oldSamples(name)]);
      await guarded(redis.unlink(...lists));
      await guarded(redis.zrem(keys.sampled, ...tooMany));
    }
    await guarded(redis.pexpire(keys.sampled, bounds.samplesMs));
  }

  async function run(pipeline: ReturnType<RedisClient['pipeline']>): Promise<readonly unknown[]> {
    const results = (await guarded(pipeline.exec())) ?? [];
    return results.map(([error, value]) => {
      if (error) throw redisFailure(error);
      return value;
    });
  }

  return {
    keep,
    read: async (names) => {
      const pipeline = redis.pipeline();
      for (const name of names) pipeline.lrange(keys.oldSamples(name), 0, -1).lrange(keys.samples(name), 0, -1);
      const lists = names.length === 0 ? [] : await run(pipeline);
      const found = names.map((name, at) => [name, merged(lists[at * 2], lists[at * 2 + 1])] as const);
      return new Map(found.filter(([, points]) => points.length > 0));
    },
    sampling: async () => {
      const json = await guarded(redis.get(keys.sampling));
      return json === null ? null : readSampling(json);
    },
    noteSampling: async ({ since, at, everyMs, kept, problem }) => {
      const json = samplingDocument.write({ since, at, everyMs, kept, problem });
      await guarded(redis.set(keys.sampling, json, 'PX', bounds.samplesMs));
    },
    lease: (forMs) => takeLease(redis, keys.samplingLease, forMs),
  };
}

function merged(old: unknown, recent: unknown): readonly UsagePoint[] {
  const newest = pointsOf(recent);
  const before = newest[0]?.t ?? Infinity;
  const all = [...pointsOf(old).filter(({ t }) => t < before), ...newest].toSorted((a, b) => a.t - b.t);
  return all.filter(({ t }, index) => t !== all[index - 1]?.t);
}

function pointsOf(list: unknown): readonly UsagePoint[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) => {
    const match = /^(\d+):(\d+)$/.exec(String(entry));
    return match === null ? [] : [{ t: Number(match[1]), bytes: Number(match[2]) }];
  });
}

/** From another version or unreadable: counts as none. */
function readSampling(json: string): Sampling | null {
  try {
    return samplingDocument.read('the sampling of usage', json);
  } catch (failure) {
    if (failure instanceof Failure) return null;
    throw failure;
  }
}
