import type { Loaded, Remediation } from '../../core/incident/incident.ts';
import { confirm } from '../../core/verify/confirm.ts';
import { isOnlyInPods } from '../../core/verify/only-in-pods.ts';
import { again } from '../after.ts';
import type { After } from '../after.ts';
import { applyEvents } from '../apply-events.ts';
import type { WorkerNeeds } from '../worker-needs.ts';
import { giveUp } from './give-up.ts';
import { ifStill } from './if-still.ts';
import { keepLimit } from './keep-limit.ts';
import { lookAtChange } from './look-at-change.ts';

/**
 * Checks in the cluster whether the change is in force; "applied" is only said after it was seen. If the cluster cannot
 * be read until the timeout, the plan fails without trying the alternative, whose effect could not be seen either.
 */
export async function confirmStep(loaded: Loaded, remediation: Remediation, needs: WorkerNeeds): Promise<After> {
  const { plan, means, writtenAt, pullRequest } = remediation;
  const { id } = loaded.incident;
  const { confirmEveryMs, syncTimeoutMs } = needs.pace;
  const merged = pullRequest?.merged ?? null;
  const confirmTimeoutMs = merged ? syncTimeoutMs : needs.pace.confirmTimeoutMs;
  const found = await lookAtChange(loaded, remediation, needs);
  const now = await needs.now();
  const since = merged?.at ?? writtenAt ?? now;
  if ('unseen' in found) {
    if (now - since < confirmTimeoutMs) return { again: false, until: now + confirmEveryMs };
    const why = `it was sent, but whether it is in force cannot be seen: ${found.unseen}`;
    await applyEvents(id, needs, ifStill(remediation, [{ type: 'failed', plan: plan.id, at: now, why }]));
    return again;
  }
  const seen = confirm({
    plan,
    means: means ?? 'patch-workload',
    observation: found.seen,
    since,
    now,
    timeoutMs: confirmTimeoutMs,
    recentKills: loaded.tally.recent,
  });
  if (seen.is === 'waiting') return { again: false, until: now + confirmEveryMs };
  const event =
    seen.is === 'done'
      ? ({
          type: 'applied',
          plan: plan.id,
          at: now,
          seen: seen.seen,
          temporary: means === 'resize' && isOnlyInPods(plan, found.seen),
        } as const)
      : giveUp(remediation, seen.why, now);
  if (event.type === 'applied') await keepLimit(loaded.incident, remediation, needs);
  await applyEvents(id, needs, ifStill(remediation, [event]));
  return again;
}
