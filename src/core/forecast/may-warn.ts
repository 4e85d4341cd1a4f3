import type { Loaded } from '../incident/incident.ts';
import { hourMs } from '../units/duration.ts';

/** Why there is no warning about a subject. */
export type NoWarning =
  /** It has an open incident: somebody knows. */
  | 'open'
  /** The last warning was false, a short while ago. */
  | 'flapped';

/**
 * After a false warning there is none about the same subject for half a day, so that a container with varying usage
 * wakes each shift at most once. A replaced pod does not count: it had no time to calm down.
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
