import type { AtRisk } from '../../core/kill/trigger.ts';
import type { WorkerNeeds } from '../worker-needs.ts';

/** Reports a node that is short of memory before it evicts or kills anything; what follows joins the same incident. */
export async function warnOfNode(
  atRisk: AtRisk,
  { store, hints, policy, log, now }: WorkerNeeds,
): Promise<{ readonly is: 'known' | 'warned' }> {
  const since = atRisk.startedAt === null ? atRisk.seenAt : Date.parse(atRisk.startedAt);
  const warning = { at: await now(), of: { is: 'node-pressure' as const, since }, calm: null };
  const admission = await store.warn({ ...atRisk, warning }, null, policy.mode);
  if (admission.is !== 'opened') return { is: 'known' };
  log('info', 'warned of a node', { incident: admission.incident, node: atRisk.node });
  await Promise.all([hints.show(admission.incident), hints.advance(admission.incident)]);
  return { is: 'warned' };
}
