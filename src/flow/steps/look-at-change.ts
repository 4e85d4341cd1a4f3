import { Failure } from '../../core/failure.ts';
import type { Loaded, Remediation } from '../../core/incident/incident.ts';
import type { Observation } from '../../core/verify/observation.ts';
import type { WorkerNeeds } from '../worker-needs.ts';

/** What the cluster shows of a change, or why it cannot be read now. Only throws for programming errors. */
export async function lookAtChange(
  { incident }: Loaded,
  { plan }: Remediation,
  needs: WorkerNeeds,
): Promise<{ readonly seen: Observation } | { readonly unseen: string }> {
  try {
    return { seen: await needs.reader.observe(plan, incident.subject) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    needs.log('warn', 'change cannot be seen', { incident: incident.id, plan: plan.id, error });
    return { unseen: error.message };
  }
}
