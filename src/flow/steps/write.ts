import { Failure } from '../../core/failure.ts';
import type { Loaded, Remediation } from '../../core/incident/incident.ts';
import type { IncidentEvent } from '../../core/incident/event.ts';
import type { Means } from '../../core/remediate/plan.ts';
import { again } from '../after.ts';
import type { After } from '../after.ts';
import { applyEvents } from '../apply-events.ts';
import type { WorkerNeeds } from '../worker-needs.ts';
import { askAgain, mayWrite, notAllowed, waitFor } from './ask-again.ts';
import { giveUp } from './give-up.ts';
import { ifStill } from './if-still.ts';
import { openPullRequest } from './open-pull-request.ts';
import { stop } from './stop.ts';

/**
 * Sends the change. The write is idempotent, so a crash between the write and its record only repeats it. Temporary
 * failures (unreachable, conflict) are retried until the timeout; after a refusal the alternative is tried. Policy is
 * asked before each try, and the writer asks it before each object.
 */
export async function write(loaded: Loaded, remediation: Remediation, needs: WorkerNeeds): Promise<After> {
  const { plan, means, applyingSince } = remediation;
  const { id } = loaded.incident;
  if (!means) throw new Failure('no-means', `${plan.id} is being applied without a way to do it.`);
  const at = await needs.now();
  if (means === 'pull-request') return openPullRequest(loaded, remediation, needs);
  const answer = await askAgain(loaded, remediation, needs);
  if (answer.is === 'not-now') return waitFor(answer, at, needs);
  if (answer.is === 'no') return stop(loaded, remediation, answer, needs);
  const refusal = await send(loaded, remediation, means, needs);
  if (refusal?.code === notAllowed) return again;
  if (refusal !== null) {
    needs.log('warn', 'write failed', { incident: id, plan: plan.id, means, code: refusal.code, error: refusal });
    const passing = refusal.retry !== 'never' && at - (applyingSince ?? at) < needs.pace.confirmTimeoutMs;
    if (passing) return { again: false, until: at + needs.pace.confirmEveryMs };
  }
  const event: IncidentEvent = refusal ? outcome(refusal, remediation, at) : { type: 'wrote', plan: plan.id, at };
  await applyEvents(id, needs, ifStill(remediation, [event]));
  return again;
}

/** Null if the API server accepted it. Throws what is not an answer of the cluster. */
async function send(
  loaded: Loaded,
  remediation: Remediation,
  means: Means,
  needs: WorkerNeeds,
): Promise<Failure | null> {
  try {
    await needs.writer.carryOut(remediation.plan, means, mayWrite(loaded, remediation, needs));
    return null;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

function outcome(error: Failure, remediation: Remediation, at: number): IncidentEvent {
  if (error.code === 'stale-plan') return { type: 'stale', plan: remediation.plan.id, at, why: error.message };
  if (error.code === 'observe-only') return { type: 'failed', plan: remediation.plan.id, at, why: error.message };
  return giveUp(remediation, error.message, at);
}
