import type { Loaded, Remediation } from '../../core/incident/incident.ts';
import type { IncidentEvent } from '../../core/incident/event.ts';
import { again } from '../after.ts';
import type { After } from '../after.ts';
import { applyEvents } from '../apply-events.ts';
import type { WorkerNeeds } from '../worker-needs.ts';
import { askAgain, lapsed, waitFor } from './ask-again.ts';
import { ifStill } from './if-still.ts';
import { keepLimit } from './keep-limit.ts';

/**
 * Marks an approved plan as under way before anything is sent, so that after a crash it is known what may have
 * happened.
 */
export async function begin(loaded: Loaded, remediation: Remediation, needs: WorkerNeeds): Promise<After> {
  const { plan } = remediation;
  const [means] = plan.means;
  const answer = await askAgain(loaded, remediation, needs);
  const at = await needs.now();
  if (answer.is === 'not-now') return waitFor(answer, at, needs);
  const event: IncidentEvent =
    answer.is === 'no'
      ? lapsed(remediation, answer, at)
      : means
        ? { type: 'applying', plan: plan.id, at, means }
        : { type: 'failed', plan: plan.id, at, why: 'the plan names no way to carry it out.' };
  if (event.type === 'applying') await keepLimit(loaded.incident, remediation, needs);
  await applyEvents(loaded.incident.id, needs, ifStill(remediation, [event]));
  return again;
}
