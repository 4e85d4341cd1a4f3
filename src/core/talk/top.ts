import { z } from 'zod';
import type { UsagePoint } from '../evidence/usage-now.ts';
import { forecast, growthIn } from '../forecast/forecast.ts';
import { dayMs } from '../units/duration.ts';
import { workloadSchema } from '../kill/kill.ts';

/*
 * `/oom top` asks three questions: who was killed most, who is on course to the limit, who is nearest to it. A row is
 * a container of a workload, shown once, under the first question that it is an answer to.
 */

/** One container of a workload in one cluster. Bytes and ms; null = not known. */
export const topRowSchema = z.strictObject({
  cluster: z.string(),
  namespace: z.string().nullable(),
  workload: workloadSchema,
  container: z.string().nullable(),
  /** How many pods of it run. */
  pods: z.number().int(),
  /** The pod that is nearest to its limit, what it uses and may use. */
  pod: z.string().nullable(),
  usedBytes: z.number().nullable(),
  limitBytes: z.number().nullable(),
  /** ms until the first of its pods is at its limit, if it goes on growing as it does; null when none grows. */
  fullInMs: z.number().nullable(),
  bytesPerSecond: z.number().nullable(),
  /** Kills in the last 24 hours and 7 days; `atLeast` when older ones may not be counted any more. */
  kills24h: z.number().int(),
  kills7d: z.number().int(),
  atLeast: z.boolean(),
  lastKillAt: z.number().nullable(),
});
export type TopRow = z.infer<typeof topRowSchema>;

/** Kills of one subject, as far as they can be counted cheaply. */
export interface KillCount {
  readonly day: number;
  readonly week: number;
  readonly atLeast: boolean;
  /** ms UTC */
  readonly lastAt: number | null;
}

/** One pod's container with what it uses. Its run began at `startedAt`, ms UTC; null where nobody says. */
export interface Measured {
  readonly pod: string;
  readonly startedAt: number | null;
  readonly limitBytes: number | null;
  readonly points: readonly UsagePoint[];
}

/** What would be full later than this is not called growing. */
const withinMs = dayMs;

/**
 * The row of one container of a workload from what is known of its pods; none may run at the moment. `now` is ms UTC; a
 * run is settled after `settledMs`, as for a warning.
 */
export function topRow(
  subject: Pick<TopRow, 'cluster' | 'namespace' | 'workload' | 'container'>,
  pods: readonly Measured[],
  kills: KillCount,
  { now, settledMs }: { readonly now: number; readonly settledMs: number },
): TopRow {
  const { cluster, namespace, workload, container } = subject;
  const nearest = pods.reduce<Measured | null>(
    (best, one) => (best === null || shareOf(one) > shareOf(best) ? one : best),
    null,
  );
  const growths = pods
    .map((one) => growthIn(forecast({ ...one, stalls: [] }, now, { settledMs, withinMs })))
    .filter((one) => one !== null)
    .filter(({ reachesAt }) => reachesAt - now <= withinMs);
  const soonest = growths.toSorted((a, b) => a.reachesAt - b.reachesAt)[0] ?? null;
  return {
    cluster,
    namespace,
    workload,
    container,
    pods: pods.length,
    pod: nearest?.pod ?? null,
    usedBytes: nearest?.points.at(-1)?.bytes ?? null,
    limitBytes: nearest?.limitBytes ?? null,
    fullInMs: soonest && Math.max(0, soonest.reachesAt - now),
    bytesPerSecond: soonest?.bytesPerSecond ?? null,
    kills24h: kills.day,
    kills7d: kills.week,
    atLeast: kills.atLeast,
    lastKillAt: kills.lastAt,
  };
}

/** Used / limit; null without a limit (0 is none) or where usage is not known. */
export function usedShare({ usedBytes, limitBytes }: Pick<TopRow, 'usedBytes' | 'limitBytes'>): number | null {
  return usedBytes === null || limitBytes === null || limitBytes <= 0 ? null : usedBytes / limitBytes;
}

/** Why a row is shown. */
export type TopGroup = 'killed' | 'growing' | 'near';

export interface Ranked {
  readonly group: TopGroup;
  readonly row: TopRow;
}

/**
 * The rows that are worth showing, at most `limit`: killed in the last 24 h (most first), then growing (soonest at its
 * limit first), then the others by their share of the limit. Each of the first two takes a third at most, unless the
 * others leave room.
 */
export function rankTop(rows: readonly TopRow[], limit: number): readonly Ranked[] {
  const killed = rows.filter(({ kills24h }) => kills24h > 0).toSorted(byKills);
  const growing = rows.filter(({ fullInMs }) => fullInMs !== null).toSorted(bySoonest);
  const near = rows.filter((row) => usedShare(row) !== null).toSorted(byShare);
  const third = Math.ceil(limit / 3);
  const chosen = new Map<TopRow, TopGroup>();
  const take = (from: readonly TopRow[], group: TopGroup, most: number): void => {
    for (const row of from.filter((one) => !chosen.has(one)).slice(0, Math.max(0, most))) chosen.set(row, group);
  };
  take(killed, 'killed', third);
  take(growing, 'growing', third);
  take(near, 'near', limit - chosen.size);
  take(growing, 'growing', limit - chosen.size);
  take(killed, 'killed', limit - chosen.size);
  const order: readonly (readonly [TopGroup, readonly TopRow[]])[] = [
    ['killed', killed],
    ['growing', growing],
    ['near', near],
  ];
  return order.flatMap(([group, sorted]) =>
    sorted.filter((row) => chosen.get(row) === group).map((row) => ({ group, row })),
  );
}

/** All rows that are worth showing: `first` as `rankTop` chooses them, so that each group is among them, then the others. */
export function rankAll(rows: readonly TopRow[], first: number): readonly Ranked[] {
  const chosen = rankTop(rows, first);
  const shown = new Set(chosen.map(({ row }) => row));
  const others = rows.filter((row) => !shown.has(row));
  return [...chosen, ...rankTop(others, 3 * others.length)];
}

/** How many rows could have been shown: those that were killed or whose share of the limit is known. */
export function countRankable(rows: readonly TopRow[]): number {
  return rows.filter((row) => row.kills24h > 0 || usedShare(row) !== null).length;
}

function shareOf({ points, limitBytes }: Measured): number {
  const usedBytes = points.at(-1)?.bytes ?? null;
  return usedShare({ usedBytes, limitBytes }) ?? -1;
}

function byKills(a: TopRow, b: TopRow): number {
  return b.kills24h - a.kills24h || (b.lastKillAt ?? 0) - (a.lastKillAt ?? 0) || byName(a, b);
}

function bySoonest(a: TopRow, b: TopRow): number {
  return (a.fullInMs ?? Infinity) - (b.fullInMs ?? Infinity) || byName(a, b);
}

function byShare(a: TopRow, b: TopRow): number {
  return (usedShare(b) ?? 0) - (usedShare(a) ?? 0) || byName(a, b);
}

function byName(a: TopRow, b: TopRow): number {
  return nameOf(a) < nameOf(b) ? -1 : 1;
}

function nameOf({ cluster, namespace, workload, container }: TopRow): string {
  return [cluster, namespace ?? '', workload.kind, workload.name, container ?? ''].join('/');
}
