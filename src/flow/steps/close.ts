import type { Loaded } from '../../core/incident/incident.ts';
import { nextStep } from '../../core/incident/next-step.ts';
import { again } from '../after.ts';
import type { After } from '../after.ts';
import { applyEvents } from '../apply-events.ts';
import type { WorkerNeeds } from '../worker-needs.ts';

/** Closes an incident that is over, unless a kill, an alert or a request has come since it was looked at. */
export async function close({ incident }: Loaded, needs: WorkerNeeds): Promise<After> {
  const at = await needs.now();
  await applyEvents(incident.id, needs, (latest) => {
    const step = nextStep(latest, at, needs.pace);
    if (step.do !== 'close') return null;
    return step.why === 'quiet'
      ? [{ type: 'closed', outcome: 'quiet', at }]
      : [{ type: 'calmed', calm: 'resolved', at }];
  });
  return again;
}
