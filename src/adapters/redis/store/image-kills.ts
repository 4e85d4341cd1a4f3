import type { ImageKill } from '../../../flow/needs.ts';
import type { ClusterKeys } from '../keys.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded } from '../redis-failure.ts';

/**
 * In which incidents an image was killed, the one killed last first. The commit script writes a line for each incident,
 * `ID SUBJECT`; Kubernetes' names hold no space, so the first one ends the id.
 */
export async function readImageKills(
  redis: RedisClient,
  keys: ClusterKeys,
  repository: string,
): Promise<readonly ImageKill[]> {
  const found = await guarded(redis.zrange(keys.image(repository), 0, '-1', 'REV'));
  return found.map((text) => {
    const end = text.indexOf(' ');
    return { incident: text.slice(0, end), subject: text.slice(end + 1) };
  });
}
