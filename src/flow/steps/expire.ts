import type { Loaded, Remediation } from '../../core/incident/incident.ts';
import { again } from '../after.ts';
import type { After } from '../after.ts';
import { applyEvents } from '../apply-events.ts';
import type { WorkerNeeds } from '../worker-needs.ts';
import { ifStill } from './if-still.ts';

/** Nobody approved in time: the request expires, and the next explanation makes a new proposal. */
export async function expire(loaded: Loaded, remediation: Remediation, needs: WorkerNeeds): Promise<After> {
  const at = await needs.now();
  const event = { type: 'expired', plan: remediation.plan.id, at, why: 'nobody approved it in time' } as const;
  await applyEvents(loaded.incident.id, needs, ifStill(remediation, [event]));
  return again;
}
