import { z } from 'zod';

/**
 * A time in which nobody watched the cluster: from `from` (null = unknown) until the watcher started. ms UTC by the API
 * server's clock.
 */
export const downtimeSchema: z.ZodType<{ readonly from: number | null; readonly until: number }> = z.looseObject({
  from: z.number().nullable(),
  until: z.number(),
});
export type Downtime = z.infer<typeof downtimeSchema>;

/** Shorter than this is no downtime, ms: a restart, or a checkpoint that is only as old as the last bookmark. */
const SHORT_MS = 120_000;

/** The API's times are truncated to whole seconds. */
const CUT_OFF_MS = 1_000;

/** Whether a kill happened while nobody watched, and if not, why it does not count as such. */
export type Sight =
  | { readonly is: 'offline'; readonly downtime: Downtime }
  | { readonly is: 'present'; readonly because: 'no-time' | 'short-downtime' | 'ended-before-it' | 'ended-after-it' };

export function sightOf({ finishedAt }: { readonly finishedAt: string | null }, downtime: Downtime): Sight {
  const { from, until } = downtime;
  const at = finishedAt === null ? Number.NaN : Date.parse(finishedAt);
  if (Number.isNaN(at)) return { is: 'present', because: 'no-time' };
  if (from !== null && until - from < SHORT_MS) return { is: 'present', because: 'short-downtime' };
  if (from !== null && at < from) return { is: 'present', because: 'ended-before-it' };
  if (at > until - CUT_OFF_MS) return { is: 'present', because: 'ended-after-it' };
  return { is: 'offline', downtime };
}

/**
 * The common downtime of all streams of a watcher: from when the last of them stopped until the first of them started.
 */
export function joinDowntimes(one: Downtime | null, other: Downtime): Downtime {
  if (one === null) return other;
  const from = Math.max(one.from ?? -Infinity, other.from ?? -Infinity);
  return { from: from === -Infinity ? null : from, until: Math.min(one.until, other.until) };
}
