import type { Remediation } from '../../core/incident/incident.ts';
import type { IncidentEvent } from '../../core/incident/event.ts';

/** One means did not work: goes on with the next one that was approved with it, or fails if there is none. */
export function giveUp({ plan, means }: Remediation, why: string, at: number): IncidentEvent {
  const next = means ? plan.means[plan.means.indexOf(means) + 1] : undefined;
  if (next) return { type: 'fell-back', plan: plan.id, at, means: next, why };
  return { type: 'failed', plan: plan.id, at, why };
}
