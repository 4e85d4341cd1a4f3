import { mayStill } from '../../core/approve/may-still.ts';
import type { MayStill } from '../../core/approve/may-still.ts';
import { limitBeforeMs } from '../../core/approve/policy.ts';
import { Failure } from '../../core/failure.ts';
import type { Loaded, Remediation } from '../../core/incident/incident.ts';
import type { IncidentEvent } from '../../core/incident/event.ts';
import type { After } from '../after.ts';
import type { WorkerNeeds } from '../worker-needs.ts';

/** Code of the failure by which `mayWrite` stops a vendor's call before it is sent. */
export const notAllowed = 'not-allowed-now';

/** Whether an approved change may still be written, by policy, pause and time as they are now. */
export async function askAgain({ incident }: Loaded, remediation: Remediation, needs: WorkerNeeds): Promise<MayStill> {
  const { store, policy } = needs;
  const now = await needs.now();
  const [pause, before] = await Promise.all([store.pause(), store.limitBefore(incident.subject, now - limitBeforeMs)]);
  return mayStill({ incident, remediation, policy, pause, before, now });
}

/** For whoever writes: asked before each call that changes something. @throws Failure `notAllowed` */
export function mayWrite(loaded: Loaded, remediation: Remediation, needs: WorkerNeeds): () => Promise<void> {
  return async () => {
    const answer = await askAgain(loaded, remediation, needs);
    if (answer.is !== 'yes') throw new Failure(notAllowed, answer.why);
  };
}

/** A change that may not be written now waits, and is looked at again when its approval expires at the latest. */
export function waitFor({ until }: Extract<MayStill, { is: 'not-now' }>, now: number, needs: WorkerNeeds): After {
  return { again: false, until: Math.min(until, now + needs.pace.pollMs) };
}

/** The end of a change that may no longer be written. */
export function lapsed(
  { plan, applyingSince }: Remediation,
  { reason, why }: Extract<MayStill, { is: 'no' }>,
  at: number,
): IncidentEvent {
  if (reason !== 'observe-only') return { type: 'expired', plan: plan.id, at, why };
  const more = applyingSince === null ? '' : ' more';
  return { type: 'failed', plan: plan.id, at, why: `${why}; nothing${more} changed.` };
}
