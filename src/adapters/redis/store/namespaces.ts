import { z } from 'zod';
import type { Skipped } from '../../../flow/needs.ts';
import { bounds } from '../bounds.ts';
import { clusterKeys } from '../keys.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded } from '../redis-failure.ts';
import { parseList } from '../documents/parse.ts';
import { unlessUnreadable } from '../documents/readable.ts';
import { readKilledPods } from './killed-pods.ts';

const namesSchema = z.array(z.string());

/** The worker writes down which namespaces its cluster has, for the bot, which has no right in any cluster. */
export async function keepNamespaces(redis: RedisClient, cluster: string, names: readonly string[]): Promise<void> {
  const { namespaces } = clusterKeys(cluster);
  await guarded(redis.set(namespaces, JSON.stringify(names), 'PX', bounds.clusterMs));
}

/**
 * The namespaces that were written down last, and those in which something was killed; null where none were written
 * down or they cannot be read, so that nobody can say that one does not exist. @throws Failure
 */
export async function knownNamespaces(
  redis: RedisClient,
  cluster: string,
  onUnreadable: Skipped = () => undefined,
): Promise<readonly string[] | null> {
  const keys = clusterKeys(cluster);
  const [json, killed] = await Promise.all([guarded(redis.get(keys.namespaces)), readKilledPods(redis, keys)]);
  if (json === null) return null;
  const what = `the namespaces of ${cluster}`;
  const names = await unlessUnreadable(what, () => parseList(what, namesSchema, json), onUnreadable);
  if (names === null) return null;
  return [...new Set([...names, ...killed.flatMap(({ namespace }) => namespace ?? [])])];
}
