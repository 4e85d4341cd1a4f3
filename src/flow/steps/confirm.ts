import type { Loaded, Remediation } from '../../core/incident/incident.ts';
import { confirm } from '../../core/verify/confirm.ts';
import { again } from '../after.ts';
import type { After } from '../after.ts';
import { applyEvents } from '../apply-events.ts';
import type { WorkerNeeds } from '../worker-needs.ts';
import { giveUp } from './give-up.ts';

/** Looks in the cluster whether the change is in force; "applied" is said only after it was seen. */
export async function confirmStep(loaded: Loaded, remediation: Remediation, needs: WorkerNeeds): Promise<After> {
  const { plan, means, writtenAt } = remediation;
  const { id } = loaded.incident;
  const observation = await needs.reader.observe(plan, loaded.incident.subject);
  const now = await needs.now();
  const seen = confirm({
    plan,
    means: means ?? 'patch-workload',
    observation,
    since: writtenAt ?? now,
    now,
    timeoutMs: needs.pace.confirmTimeoutMs,
    recentKills: loaded.tally.recent,
  });
  if (seen.is === 'waiting') return { again: false, until: now + needs.pace.confirmEveryMs };
  await applyEvents(id, needs, () => [
    seen.is === 'done'
      ? { type: 'applied', plan: plan.id, at: now, seen: seen.seen }
      : giveUp(remediation, seen.why, now),
  ]);
  return again;
}
