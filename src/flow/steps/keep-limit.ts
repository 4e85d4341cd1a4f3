import type { Incident, Remediation } from '../../core/incident/incident.ts';
import type { WorkerNeeds } from '../worker-needs.ts';

/**
 * Remembers what the limit was before a raise, beside the incidents, because closing one must not make the next raise a
 * first one. Kept when the raise begins, before it can be written, and once more when it is seen: a pull request may
 * have been merged days later.
 */
export async function keepLimit({ subject }: Incident, { plan }: Remediation, needs: WorkerNeeds): Promise<void> {
  const { from, to, rollBack } = plan;
  if (rollBack !== null || from.limitBytes === null || to.limitBytes === null) return;
  if (to.limitBytes <= from.limitBytes) return;
  await needs.store.keepLimit(subject, { bytes: from.limitBytes, at: await needs.now() });
}
