import type { Loaded } from '../../core/incident/incident.ts';
import { latestTrigger } from '../../core/incident/triggers.ts';
import { assessment } from '../../core/notify/assessment.ts';
import { impactEveryMs } from '../../core/notify/next-assessment.ts';
import { again } from '../after.ts';
import type { After } from '../after.ts';
import { applyEvents } from '../apply-events.ts';
import type { WorkerNeeds } from '../worker-needs.ts';

/** Reads once more what an incident means for whom, and notifies those who are due. */
export async function assess(loaded: Loaded, needs: WorkerNeeds): Promise<After> {
  const { incident } = loaded;
  const found = { read: await needs.reader.impact(latestTrigger(loaded)), rollout: null };
  const at = await needs.now();
  // What is shown does not change with each look: an edit for nothing would take another one's place.
  if (assessment(loaded, found, at, needs.notify).length === 0)
    return { again: false, until: at + impactEveryMs(incident.openedAt, at, needs.pace) };
  await applyEvents(incident.id, needs, (now) =>
    now.incident.state.is === 'closed' ? null : assessment(now, found, at, needs.notify),
  );
  return again;
}
