import { Cluster, type Redis } from 'ioredis';
import { Failure } from '../../core/failure.ts';
import type { RedisClient } from './redis-client.ts';
import { guarded, redisFailure } from './redis-failure.ts';

/** Something that works but that an operator should know; `text` is a sentence for the log and /readyz. */
export interface RedisWarning {
  readonly code: (typeof codes)[number];
  readonly text: string;
}

/** Older servers lack exclusive stream ranges, with which the timeline is read. */
const oldestVersion = [6, 2] as const;

/**
 * Checks what the server guarantees (for a cluster, each primary): nothing is evicted, everything is written to disk.
 * If CONFIG is forbidden, as on most hosted servers, INFO is used.
 * @throws Failure('redis-evicts') for any maxmemory-policy but noeviction, Failure('redis-too-old') below 6.2,
 * Failure('redis-is-sentinel') where it is no server of data at all
 */
export async function redisWarnings(redis: RedisClient): Promise<readonly RedisWarning[]> {
  const servers = redis instanceof Cluster ? redis.nodes('master') : [redis];
  const found = await Promise.all(servers.map(checkServer));
  return codes.flatMap((code) => {
    const where = servers.filter((_, at) => found[at]?.includes(code));
    if (where.length === 0) return [];
    return [
      {
        code,
        text: sentences[code](where.length === servers.length ? 'Redis' : `Redis at ${where.map(nameOf).join(', ')}`),
      },
    ];
  });
}

const codes = ['config-forbidden', 'no-append-only-file', 'nothing-on-disk'] as const;
const sentences: Readonly<Record<RedisWarning['code'], (who: string) => string>> = {
  'config-forbidden': (who) =>
    `${who} does not let its configuration be read (CONFIG is forbidden): make sure that maxmemory-policy is noeviction and appendonly is yes.`,
  'no-append-only-file': (who) =>
    `${who} has no append-only file: what happened since its last snapshot is lost when it restarts. Set appendonly to yes.`,
  'nothing-on-disk': (who) =>
    `${who} writes nothing to disk, neither an append-only file nor snapshots: everything is lost when it restarts. Set appendonly to yes.`,
};

function nameOf(redis: Redis): string {
  return `${redis.options.host}:${redis.options.port}`;
}

async function checkServer(redis: Redis): Promise<readonly RedisWarning['code'][]> {
  const info = parseInfo(await guarded(redis.info()));
  if (info.get('redis_mode') === 'sentinel') {
    throw new Failure(
      'redis-is-sentinel',
      'What answers is a sentinel, not the Redis that it watches: REDIS_URL has to begin with redis+sentinel:// and to end with the name of the primary.',
    );
  }
  refuseOld(info.get('redis_version') ?? '');
  const warnings: RedisWarning['code'][] = [];

  const config = await readConfig(redis);
  if (config === null) warnings.push('config-forbidden');
  const policy = config?.get('maxmemory-policy') ?? info.get('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') {
    throw new Failure(
      'redis-evicts',
      `Redis may throw incidents away: the maxmemory-policy of ${nameOf(redis)} is ${policy}. Set it to noeviction (CONFIG SET maxmemory-policy noeviction) or use another Redis.`,
    );
  }
  const appendOnly = config?.get('appendonly') ?? (info.get('aof_enabled') === '1' ? 'yes' : 'no');
  // An empty `save` means no snapshots either; where CONFIG is forbidden nobody can tell.
  if (appendOnly !== 'yes') warnings.push(config?.get('save') === '' ? 'nothing-on-disk' : 'no-append-only-file');
  return warnings;
}

async function readConfig(redis: Redis): Promise<ReadonlyMap<string, string> | null> {
  try {
    const wanted = ['maxmemory-policy', 'appendonly', 'save'];
    const replies = await Promise.all(wanted.map((name) => redis.config('GET', name)));
    return new Map(replies.flatMap(pairs));
  } catch (error) {
    // A renamed or disabled command is unknown to the server; an ACL answers NOPERM.
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
