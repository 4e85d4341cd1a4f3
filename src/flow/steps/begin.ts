import type { Loaded, Remediation } from '../../core/incident/incident.ts';
import { again } from '../after.ts';
import type { After } from '../after.ts';
import { applyEvents } from '../apply-events.ts';
import type { WorkerNeeds } from '../worker-needs.ts';
import { ifStill } from './if-still.ts';

/**
 * Marks an approved plan as under way before anything is sent, so that after a crash it is known what may have
 * happened.
 */
export async function begin(loaded: Loaded, remediation: Remediation, needs: WorkerNeeds): Promise<After> {
  const at = await needs.now();
  const { plan } = remediation;
  const [means] = plan.means;
  const pause = await needs.store.pause();
  // Nothing is lost by waiting: after the pause it is still approved.
  if (pause !== null) return { again: false, until: at + needs.pace.pollMs };
  const failed = (why: string) => [{ type: 'failed' as const, plan: plan.id, at, why }];
  const events =
    needs.policy.mode === 'observe'
      ? failed('Oomkeeper has become observe-only since it was approved; nothing was changed.')
      : means
        ? [{ type: 'applying' as const, plan: plan.id, at, means }]
        : failed('the plan names no way to carry it out.');
  await applyEvents(loaded.incident.id, needs, ifStill(remediation, events));
  return again;
}
