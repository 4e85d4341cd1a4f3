import type { Loaded } from '../../core/incident/incident.ts';
import type { Kill } from '../../core/kill/kill.ts';
import { again } from '../after.ts';
import type { After } from '../after.ts';
import { applyEvents } from '../apply-events.ts';
import type { WorkerNeeds } from '../worker-needs.ts';

/** The predicted kill happened: it takes over the thread, and this is also announced in the channel. */
export async function receive({ incident }: Loaded, kill: Kill, needs: WorkerNeeds): Promise<After> {
  const at = await needs.now();
  await applyEvents(incident.id, needs, (latest) =>
    latest.incident.trigger.kind === 'ahead' ? [{ type: 'came', kill, at }] : null,
  );
  return again;
}
