import { Failure } from '../../core/failure.ts';
import type { Loaded, Remediation } from '../../core/incident/incident.ts';
import type { IncidentEvent } from '../../core/incident/event.ts';
import type { PacedForge } from '../forge/needs.ts';
import { again } from '../after.ts';
import type { After } from '../after.ts';
import { applyEvents } from '../apply-events.ts';
import type { WorkerNeeds } from '../worker-needs.ts';
import { ifStill } from './if-still.ts';

/**
 * Whether people have merged or closed it. The forge's webhook triggers a check at once, or as soon as the forge may be
 * asked again; without webhooks the next check is after `pollMs`. `until` is when the incident is due for something
 * else.
 */
export async function lookAtPullRequest(
  loaded: Loaded,
  remediation: Remediation,
  until: number | null,
  needs: WorkerNeeds,
): Promise<After> {
  const { plan, pullRequest } = remediation;
  const at = await needs.now();
  const inMs = (ms: number): After => ({ again: false, until: Math.min(until ?? Infinity, at + ms) });
  const later = inMs(needs.pace.pollMs);
  if (needs.forge === null || plan.source === null || pullRequest === null) return later;
  let seen: Awaited<ReturnType<PacedForge['look']>>;
  try {
    seen = await needs.forge.look(plan.source, pullRequest.number);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    needs.log('warn', 'pull request not seen', { incident: loaded.incident.id, plan: plan.id, error });
    return later;
  }
  if (seen.state === 'too-soon') return inMs(seen.againInMs);
  if (seen.state === 'open') return later;
  const event: IncidentEvent =
    seen.state === 'merged'
      ? { type: 'pull-request-merged', plan: plan.id, at, login: seen.by, mergedAt: seen.at ?? at }
      : { type: 'pull-request-closed', plan: plan.id, at, login: seen.by };
  await applyEvents(loaded.incident.id, needs, ifStill(remediation, [event]));
  return again;
}
