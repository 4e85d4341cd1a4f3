import { Failure } from '../../core/failure.ts';
import type { Loaded, Remediation } from '../../core/incident/incident.ts';
import type { IncidentEvent } from '../../core/incident/transition.ts';
import { again } from '../after.ts';
import type { After } from '../after.ts';
import { applyEvents } from '../apply-events.ts';
import type { WorkerNeeds } from '../worker-needs.ts';
import { giveUp } from './give-up.ts';

/**
 * Sends the change. The write is idempotent, so a crash between the write and its record only repeats it. What can
 * pass by itself (unreachable, conflict) is tried again until the time-out; a refusal goes on with the alternative.
 */
export async function write(loaded: Loaded, remediation: Remediation, needs: WorkerNeeds): Promise<After> {
  const { plan, means, applyingSince } = remediation;
  const { id } = loaded.incident;
  if (!means) throw new Failure('no-means', `${plan.id} is being applied without a way to do it.`);
  const at = await needs.now();
  try {
    await needs.writer.carryOut(plan, means, loaded.incident.subject);
    await applyEvents(id, needs, () => [{ type: 'wrote', plan: plan.id, at: at }]);
    return again;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    needs.log('warn', 'write failed', { incident: id, plan: plan.id, means, code: error.code, reason: error.message });
    const passing = error.retry !== 'never' && at - (applyingSince ?? at) < needs.pace.confirmTimeoutMs;
    if (passing) return { again: false, until: at + needs.pace.confirmEveryMs };
    await applyEvents(id, needs, () => [outcome(error, remediation, at)]);
    return again;
  }
}

function outcome(error: Failure, remediation: Remediation, at: number): IncidentEvent {
  if (error.code === 'stale-plan') return { type: 'stale', plan: remediation.plan.id, at, why: error.message };
  if (error.code === 'observe-only') return { type: 'failed', plan: remediation.plan.id, at, why: error.message };
  return giveUp(remediation, error.message, at);
}
