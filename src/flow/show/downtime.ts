import type { Downtime } from '../../core/kill/downtime.ts';
import type { Loaded } from '../../core/incident/incident.ts';
import { stormId } from '../../core/incident/storm.ts';
import { MOST_MEMBERS } from './fold.ts';
import type { ShowNeeds } from './needs.ts';
import { hourMs } from '../../core/units/duration.ts';

/*
 * Kills during a downtime all arrive when the watcher starts, and nobody needs a message for each. The incidents of one
 * downtime are counted per channel:
 *
 *   more of them than a flood     -> lines of one summary, a storm that is about the downtime
 *   fewer, and the last just came -> wait: more may follow
 *   fewer                         -> a root each, as for any other
 *
 * They are grouped by the beginning of the downtime, which stays the same when the watcher dies and starts again in
 * between. If the beginning is unknown they are grouped by the hour of its end, so that the next downtime of this kind
 * is another group: nobody would notice a line in last week's summary.
 */
const GRACE_MS = 3_000;

export type DowntimeStep =
  | { readonly is: 'alone' }
  | { readonly is: 'wait'; readonly until: number }
  | { readonly is: 'fold'; readonly storm: string };

/** How to show an incident without a posting, if it is from a downtime. */
export async function downtimeStep({ incident }: Loaded, channel: string, needs: ShowNeeds): Promise<DowntimeStep> {
  const { trigger } = incident;
  const away = trigger.kind === 'ahead' ? null : trigger.away;
  if (away === null || needs.flood.isOff) return { is: 'alone' };
  const group = `${channel}/${incident.subject.cluster}/${away.from ?? `start-${Math.floor(away.until / hourMs)}`}`;
  const { place, size, lastAt } = await needs.storms.left(group, incident.id);
  if (size > needs.flood.after) return { is: 'fold', storm: await summary(channel, group, place, away, needs) };
  const until = lastAt + GRACE_MS;
  return (await needs.now()) < until ? { is: 'wait', until } : { is: 'alone' };
}

async function summary(
  channel: string,
  group: string,
  place: number,
  away: Downtime,
  { storms, now }: ShowNeeds,
): Promise<string> {
  const id = stormId(channel, group, Math.floor(place / MOST_MEMBERS));
  await storms.openSummary({ id, channel, openedAt: await now(), away });
  return id;
}
