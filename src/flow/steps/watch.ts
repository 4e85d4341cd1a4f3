import type { Loaded, Remediation } from '../../core/incident/incident.ts';
import { again } from '../after.ts';
import type { After } from '../after.ts';
import { applyEvents } from '../apply-events.ts';
import type { WorkerNeeds } from '../worker-needs.ts';
import { ifStill } from './if-still.ts';

/** Starts the verification: from when the change was seen, for the configured time. */
export async function watch(loaded: Loaded, remediation: Remediation, needs: WorkerNeeds): Promise<After> {
  const { plan, applied } = remediation;
  const at = await needs.now();
  const verifyAt = (applied?.at ?? at) + needs.pace.verifyAfterMs;
  const event = { type: 'watched', plan: plan.id, at, verifyAt } as const;
  await applyEvents(loaded.incident.id, needs, ifStill(remediation, [event]));
  return again;
}
