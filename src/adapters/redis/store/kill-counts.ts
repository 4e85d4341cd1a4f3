import type { Subject } from '../../../core/kill/kill.ts';
import { subjectKey } from '../../../core/kill/kill.ts';
import type { KillCount } from '../../../core/talk/top.ts';
import { bounds as usualBounds, type Bounds } from '../bounds.ts';
import { clusterKeys } from '../keys.ts';
import { redisNow } from '../connection.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded } from '../redis-failure.ts';
import { dayMs } from '../../../core/units/duration.ts';

const weekMs = 7 * dayMs;
/** Keys in one command; a longer command would delay all others. */
const keysAtOnce = 1_000;
/** Incidents that are read for one question. */
const mostIncidents = 2_000;

/**
 * Kills of many subjects by the key of the subject, from the open incident and the last closed one of each, without
 * reading a document: their counters, and the times of the last kills. Older incidents of a subject are not read, and
 * each keeps a limited number of kills; if that may hide kills, `atLeast` is set. Subjects without a kill in the last 7
 * days are left out. @throws Failure
 */
export async function countKills(
  redis: RedisClient,
  cluster: string,
  subjects: readonly Subject[],
  { recentKills }: Pick<Bounds, 'recentKills'> = usualBounds,
): Promise<ReadonlyMap<string, KillCount>> {
  const keys = clusterKeys(cluster);
  const now = await redisNow(redis);
  const pointers = subjects.flatMap((subject) => [keys.openPointer(subject), keys.lastPointer(subject)]);
  const ids: (string | null)[] = [];
  for (let from = 0; from < pointers.length; from += keysAtOnce)
    ids.push(...(await guarded(redis.mget(...pointers.slice(from, from + keysAtOnce)))));

  const wanted = subjects
    .map((subject, at) => ({ subject, open: ids[at * 2] ?? null, last: ids[at * 2 + 1] ?? null }))
    .filter(({ open, last }) => open !== null || last !== null)
    .slice(0, mostIncidents);
  const found = await Promise.all(
    wanted.map(async ({ subject, open, last }) => {
      const counts = await Promise.all([open, last].map(async (id) => (id === null ? null : countOf(id))));
      return [
        subjectKey(subject),
        joined(
          counts.filter((one) => one !== null),
          last !== null,
        ),
      ] as const;
    }),
  );
  return new Map(found.filter(([, { week }]) => week > 0));

  async function countOf(id: string): Promise<Counted | null> {
    const { incident, recent } = keys.of(id);
    const [counters, day, week] = await Promise.all([
      guarded(redis.hmget(incident, 'count', 'firstAt', 'lastAt')),
      guarded(redis.zcount(recent, now - dayMs, '+inf')),
      guarded(redis.zcount(recent, now - weekMs, '+inf')),
    ]);
    const [count, firstAt, lastAt] = counters.map(Number);
    if (count === undefined || firstAt === undefined || lastAt === undefined || Number.isNaN(lastAt)) return null;
    // For an incident that was opened by a warning, the times are those of the warning.
    if (count === 0) return null;
    return {
      day: firstAt >= now - dayMs ? count : day,
      week: firstAt >= now - weekMs ? count : week,
      // All kept kills are within the span, so there may have been more.
      atLeast: (firstAt < now - dayMs && day >= recentKills) || (firstAt < now - weekMs && week >= recentKills),
      lastAt,
      reachesBack: firstAt < now - weekMs,
    };
  }
}

interface Counted extends KillCount {
  /** Its first kill is older than the longest span, so no earlier incident has a kill within it. */
  readonly reachesBack: boolean;
}

function joined(counts: readonly Counted[], hasClosed: boolean): KillCount {
  const lastAt = Math.max(...counts.map((one) => one.lastAt ?? 0));
  return {
    day: counts.reduce((sum, { day }) => sum + day, 0),
    week: counts.reduce((sum, { week }) => sum + week, 0),
    atLeast: counts.some(({ atLeast }) => atLeast) || (hasClosed && !counts.some(({ reachesBack }) => reachesBack)),
    lastAt: counts.length === 0 ? null : lastAt,
  };
}
