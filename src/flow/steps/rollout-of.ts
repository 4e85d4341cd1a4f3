import type { Findings } from '../../core/evidence/evidence.ts';
import { Failure } from '../../core/failure.ts';
import type { Incident } from '../../core/incident/incident.ts';
import type { Rollout } from '../../core/notify/impact.ts';
import type { PlanInputs } from '../../core/remediate/plan-inputs.ts';
import type { WorkerNeeds } from '../worker-needs.ts';
import { sourceOf } from './plans-for.ts';

/** A forge's clock and ours. */
const skewMs = 60_000;

/**
 * When the revision began that was killed, and the change of its source file before that. Best effort: a forge that does
 * not answer takes a name from the last line, and nothing else.
 */
export async function rolloutOf(
  incident: Incident,
  { rollout }: Findings,
  inputs: PlanInputs | null,
  needs: WorkerNeeds,
): Promise<Rollout> {
  const startedAt = rollout.found ? rollout.value.startedAt : null;
  const source = inputs === null || needs.forge === null ? null : sourceOf(incident, inputs, needs);
  if (startedAt === null || needs.forge === null || source === null || 'problem' in source)
    return { startedAt, change: null };
  try {
    return { startedAt, change: await needs.forge.lastChange(source, startedAt + skewMs) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    needs.log('debug', 'last change of the source not read', { incident: incident.id, error });
    return { startedAt, change: null };
  }
}
