import { listClusters } from '../../adapters/redis/store/clusters.ts';
import { redisNow } from '../../adapters/redis/connection.ts';
import type { RedisClient } from '../../adapters/redis/redis-client.ts';
import { createStore } from '../../adapters/redis/store/store.ts';
import { Failure } from '../../core/failure.ts';
import type { AuditLine } from '../../core/incident/audit.ts';
import { nearNames } from '../../core/talk/scope.ts';
import { unreadableLines } from '../../core/talk/unreadable.ts';
import { namesOf } from '../../core/talk/words.ts';
import { auditOptions } from './audit-options.ts';
import { auditText } from './audit-text.ts';
import { processEnvironment, readConfig } from '../config/config.ts';
import { jsonLine } from '../command-line/terminal-text.ts';
import { visitRedis } from '../command-line/visit-redis.ts';

/** More than Redis keeps of one cluster. */
const mostLines = 100_000;

/**
 * `oomkeeper audit`: recent decisions and actions, oldest first, from Redis. `--json`: one object a line. Returns the
 * exit code. @throws Failure
 */
export async function auditCommand(args: readonly string[]): Promise<number> {
  const { json, sinceMs, cluster } = auditOptions(args);
  const { REDIS_URL: url } = readConfig({ REDIS_URL: processEnvironment()['REDIS_URL'] }, []);
  const unreadable: string[] = [];
  const lines = await visitRedis(url, (redis) =>
    readLines(redis, { sinceMs, cluster, skipped: (name) => unreadable.push(name) }),
  );
  const { isTTY, columns } = process.stdout;
  if (json) process.stdout.write(lines.map(jsonLine).join(''));
  else if (lines.length === 0) process.stdout.write('Nothing was decided or done in this time.\n');
  else process.stdout.write(auditText(lines, isTTY ? columns : Infinity));
  for (const line of unreadableLines(unreadable)) process.stderr.write(`${line}\n`);
  return 0;
}

interface Wanted {
  readonly sinceMs: number;
  readonly cluster: string | null;
  readonly skipped: (name: string) => void;
}

async function readLines(redis: RedisClient, { sinceMs, cluster, skipped }: Wanted): Promise<readonly AuditLine[]> {
  const since = (await redisNow(redis)) - sinceMs;
  const known = await listClusters(redis);
  const lines: AuditLine[] = [];
  for (const one of cluster === null ? known : [cluster])
    lines.push(...(await createStore({ redis, cluster: one }).audit(since, mostLines, skipped)));
  // A cluster whose worker is long gone is no longer listed, but its record may still exist.
  if (cluster !== null && lines.length === 0 && !known.includes(cluster)) throw unknownCluster(cluster, known);
  return lines.toSorted((a, b) => a.at - b.at);
}

function unknownCluster(name: string, known: readonly string[]): Failure {
  const near = nearNames(name, known);
  const meant = near.length > 0 ? ` Did you mean ${namesOf(near, near.length)}?` : '';
  const others = known.length === 0 ? 'none' : known.join(', ');
  return new Failure('unknown-cluster', `Redis has no cluster "${name}".${meant} It knows: ${others}.`);
}
