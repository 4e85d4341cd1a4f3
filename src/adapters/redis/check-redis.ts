import type { Redis } from 'ioredis';
import { Failure } from '../../core/failure.ts';
import { guarded, redisFailure } from './redis-failure.ts';

/** Something that works but that an operator should know; `text` is a sentence for the log and /readyz. */
export interface RedisWarning {
  readonly code: 'config-forbidden' | 'no-append-only-file';
  readonly text: string;
}

/** Older servers lack exclusive ranges of streams, which the timeline is read with. */
const oldestVersion = [6, 2] as const;

/**
 * Looks at what the server promises: nothing evicted, everything written to disk. A server that forbids CONFIG (most
 * hosted ones) is judged by INFO.
 * @throws Failure('redis-evicts') for any maxmemory-policy but noeviction, Failure('redis-too-old') below 6.2
 */
export async function checkRedis(redis: Redis): Promise<readonly RedisWarning[]> {
  const info = parseInfo(await guarded(redis.info()));
  refuseOld(info.get('redis_version') ?? '');
  const warnings: RedisWarning[] = [];

  const config = await readConfig(redis);
  if (config === null) {
    warnings.push({
      code: 'config-forbidden',
      text: 'Redis does not let its configuration be read (CONFIG is forbidden): make sure that maxmemory-policy is noeviction and appendonly is yes.',
    });
  }
  const policy = config?.get('maxmemory-policy') ?? info.get('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') {
    throw new Failure(
      'redis-evicts',
      `Redis may throw incidents away: its maxmemory-policy is ${policy}. Set it to noeviction (CONFIG SET maxmemory-policy noeviction) or use another Redis.`,
    );
  }
  const appendOnly = config?.get('appendonly') ?? (info.get('aof_enabled') === '1' ? 'yes' : 'no');
  if (appendOnly !== 'yes') {
    warnings.push({
      code: 'no-append-only-file',
      text: 'Redis has no append-only file: what happened since its last snapshot is lost when it restarts. Set appendonly to yes.',
    });
  }
  return warnings;
}

async function readConfig(redis: Redis): Promise<ReadonlyMap<string, string> | null> {
  try {
    const [policy, appendOnly] = await Promise.all([
      redis.config('GET', 'maxmemory-policy'),
      redis.config('GET', 'appendonly'),
    ]);
    return new Map([...pairs(policy), ...pairs(appendOnly)]);
  } catch (error) {
    // Renamed or disabled commands are unknown to the server, an ACL answers NOPERM.
    if (error instanceof Error && /NOPERM|unknown command|not allowed|no permissions/i.test(error.message)) return null;
    throw redisFailure(error);
  }
}

function pairs(reply: unknown): readonly (readonly [string, string])[] {
  if (!Array.isArray(reply) || reply.length < 2) return [];
  return [[String(reply[0]), String(reply[1])]];
}

function refuseOld(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor, wantedMinor] = oldestVersion;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new Failure('redis-too-old', `Redis ${version} is too old: Oomkeeper needs 6.2 or newer.`);
}

function parseInfo(text: string): ReadonlyMap<string, string> {
  const lines = text.split(/\r?\n/).filter((line) => line.includes(':'));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
}
