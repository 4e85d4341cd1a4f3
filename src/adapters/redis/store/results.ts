import type { Result } from '../../../core/incident/result.ts';
import type { Skipped } from '../../../flow/needs.ts';
import type { ClusterKeys } from '../keys.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded } from '../redis-failure.ts';
import { eachReadable } from '../documents/readable.ts';
import { resultDocument } from './incident-documents.ts';

/** What checks of changes saw since `since` (ms UTC), oldest first. @throws Failure */
export async function readResults(
  redis: RedisClient,
  keys: ClusterKeys,
  { since, skipped }: { readonly since: number; readonly skipped: Skipped },
): Promise<readonly Result[]> {
  const found = await guarded(redis.xrange(keys.results, String(Math.max(0, Math.round(since))), '+'));
  return eachReadable(
    found.map(([id]) => `result ${id}`),
    (name, at) => resultDocument.read(name, found[at]?.[1][1] ?? ''),
    skipped,
  );
}
