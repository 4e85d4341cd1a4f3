import type { FormerIncident, FormerRaise, SeenBefore } from '../evidence/before/seen-before.ts';
import { median } from '../evidence/statistics.ts';
import { killedAtMs, limitAt, runMs } from '../kill/kill.ts';
import type { Kill } from '../kill/kill.ts';
import type { Loaded, Remediation } from './incident.ts';
import { latestTrigger } from './triggers.ts';

/**
 * What was done about earlier kills of this subject, in this incident and in the closed ones before it, and whether it
 * held; null where there was nothing. `now` is ms UTC.
 */
export function seenBeforeOf(current: Loaded, former: readonly Loaded[], now: number): SeenBefore | null {
  const all = [...former, current].toSorted((a, b) => a.incident.openedAt - b.incident.openedAt);
  const kills = all.flatMap(({ tally }) => tally.recent);
  const raises = all
    .flatMap(({ incident }) => incident.remediations.flatMap((one) => raiseOf(incident.id, one, kills, now) ?? []))
    .toSorted((a, b) => a.at - b.at);
  const incidents = all
    .filter(({ incident }) => incident.id !== current.incident.id)
    .map((one) => formerOf(one, current));
  return raises.length === 0 && incidents.length === 0 ? null : { incidents, raises };
}

/** A former incident, as it is told of in the current one. */
export function formerOf(former: Loaded, current: Loaded): FormerIncident {
  const { incident, tally } = former;
  const [was, is] = [latestTrigger(former).image, latestTrigger(current).image];
  return {
    id: incident.id,
    at: tally.lastAt,
    kills: tally.count,
    cause: incident.explained?.diagnosis.hypotheses[0]?.cause ?? null,
    sameImage: was === null || is === null ? null : was === is,
  };
}

function raiseOf(
  incident: string,
  { plan, applied, state, checks }: Remediation,
  kills: readonly Kill[],
  now: number,
): FormerRaise | null {
  const { from, to, rollBack, purpose, follows } = plan;
  if (applied === null || rollBack !== null || follows !== null || from.limitBytes === null || to.limitBytes === null)
    return null;
  if (to.limitBytes <= from.limitBytes) return null;
  const { at } = applied;
  const against = kills.filter((kill) => limitAt(kill) === to.limitBytes && killedAtMs(kill) >= at);
  const first = against.toSorted((a, b) => killedAtMs(a) - killedAtMs(b))[0];
  const [before, since] = [
    kills.filter((kill) => limitAt(kill) === from.limitBytes && killedAtMs(kill) < at),
    against,
  ].map(runLength);
  return {
    incident,
    purpose,
    fromBytes: from.limitBytes,
    toBytes: to.limitBytes,
    at,
    outcome: first ? 'killed-again' : state === 'vanished' || state === 'undone' ? 'put-back' : 'held',
    lastedMs: Math.max(0, (first ? killedAtMs(first) : now) - at),
    mostBytes: checks.findLast(({ mostBytes }) => mostBytes !== null)?.mostBytes ?? null,
    boughtMs: before === undefined || since === undefined || !(since > before) ? null : since - before,
  };
}

/** Median, ms; NaN where no run has both times. */
function runLength(kills: readonly Kill[]): number {
  return median(kills.flatMap((kill) => runMs(kill) ?? []));
}
