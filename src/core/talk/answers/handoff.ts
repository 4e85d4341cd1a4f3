import type { Incident, Loaded, Remediation } from '../../incident/incident.ts';
import { isSilent } from '../../incident/is-silent.ts';
import { severitySchema } from '../../notify/severity.ts';
import { standingOf } from '../moment.ts';

/*
 * What the next shift must know of the open incidents: each is under the first of these that is true of it, and the worst
 * come first.
 */

/** What an open incident needs of people, the most urgent first. */
export const concerns = [
  'asked',
  'merge',
  'nobody',
  'bought',
  'watched',
  'under-way',
  'taken',
  'silent',
  'done',
] as const;
export type Concern = (typeof concerns)[number];

/** `now` is ms UTC. */
export function concernOf(incident: Incident, now: number): Concern {
  const { remediation, beside, before } = standingOf(incident);
  const all = [remediation, beside, before].flatMap((one) => (one === null ? [] : (ofRemediation(one) ?? [])));
  const [first] = concerns.filter((one) => all.includes(one));
  if (first !== undefined) return first;
  if (isSilent(incident, now)) return 'silent';
  return incident.acknowledged === null ? 'nobody' : 'taken';
}

/** Null where nothing is going on with it any more, or not yet. */
function ofRemediation({ state, plan, effect, pullRequest }: Remediation): Concern | null {
  switch (state) {
    case 'requested':
      return 'asked';
    case 'approved':
      return 'under-way';
    case 'applying':
      return pullRequest !== null && pullRequest.merged === null ? 'merge' : 'under-way';
    case 'applied':
    case 'verifying':
      return effect === 'mitigation' || plan.purpose === 'mitigation' ? 'bought' : 'watched';
    case 'held-so-far':
      return 'watched';
    case 'bought-time':
      return 'bought';
    case 'held':
    case 'overshot':
      return 'done';
    case 'proposed':
    case 'failed':
    case 'vanished':
    case 'inconclusive':
    case 'rejected':
    case 'expired':
    case 'stale':
    case 'undone':
    case 'done':
      return null;
  }
}

/** ms UTC of the next kill that is expected: what bought time promises it, else growth does; null where nothing does. */
export function nextKillAt({ remediations, explained }: Incident): number | null {
  const promised = remediations.findLast(({ state, promise }) => state === 'bought-time' && promise !== null);
  return promised?.promise?.at ?? explained?.diagnosis.nextKillAt ?? null;
}

/** Open incidents by what they need, each group by severity and then the oldest first. `now` is ms UTC. */
export function handoffOf<T extends Pick<Loaded, 'incident'>>(
  open: readonly T[],
  now: number,
): ReadonlyMap<Concern, readonly T[]> {
  const groups = new Map<Concern, T[]>(concerns.map((concern) => [concern, []]));
  const sorted = open.toSorted(
    (a, b) => rankOf(a.incident) - rankOf(b.incident) || a.incident.openedAt - b.incident.openedAt,
  );
  for (const one of sorted) groups.get(concernOf(one.incident, now))?.push(one);
  return groups;
}

/** What nobody has judged yet comes after what is critical or high. */
function rankOf({ impact }: Incident): number {
  const { options } = severitySchema;
  return impact === null ? options.indexOf('low') - 0.5 : options.indexOf(impact.severity);
}
