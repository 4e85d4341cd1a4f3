import type { Kill } from '../kill/kill.ts';
import type { Loaded } from './incident.ts';

/** Whether it was opened by a warning and nobody has been killed so far. */
export function isAhead({ incident, tally }: Pick<Loaded, 'incident' | 'tally'>): boolean {
  return incident.firstKill.kind === 'ahead' && tally.count === 0;
}

/** The first kill, also while the document does not know of it yet; ahead of a kill the container that is warned of. */
export function firstKillOf({ incident, tally }: Pick<Loaded, 'incident' | 'tally'>): Kill {
  const { firstKill } = incident;
  return firstKill.kind === 'ahead' ? (tally.recent[0] ?? firstKill) : firstKill;
}
