import type { Loaded } from '../incident/incident.ts';
import { hourMs } from '../units/duration.ts';

/** Why a subject is not warned of. */
export type NoWarning =
  /** An incident of it is open: somebody knows. */
  | 'open'
  /** The last warning came to nothing a short while ago. */
  | 'flapped';

/**
 * After a warning that came to nothing its subject is left alone for half a day, so that a container that goes up and
 * down wakes each shift at most once. A pod that was replaced does not count: it had no time to calm down.
 */
const flappedMs = 12 * hourMs;

/** `latest` is the open incident of the subject or the one closed last; `now` is ms UTC. Null = it may be warned of. */
export function noWarning(latest: Loaded | null, now: number): NoWarning | null {
  if (latest === null) return null;
  const { state, trigger } = latest.incident;
  if (state.is === 'open') return 'open';
  const calm = trigger.kind === 'ahead' ? trigger.warning.calm : null;
  const flapped = calm === 'came-down' || calm === 'stopped-growing';
  return flapped && now - state.at < flappedMs ? 'flapped' : null;
}
