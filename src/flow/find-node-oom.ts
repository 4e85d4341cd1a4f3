import { nodeOomOf } from '../core/evidence/node-oom.ts';
import type { NodeOom } from '../core/evidence/node-oom.ts';
import { nodeSubject } from '../core/kill/kill.ts';
import type { Trigger } from '../core/kill/trigger.ts';
import type { Store } from './needs.ts';

/**
 * Whether the kernel killed for the whole node when this container was killed, by the kills that its node's own incident
 * keeps. Null where nobody repeats the kernel's words, or watches nodes. @throws Failure
 */
export async function findNodeOom(trigger: Trigger, store: Pick<Store, 'latestOf'>): Promise<NodeOom | null> {
  if (trigger.kind !== 'container' || trigger.node === null) return null;
  const about = await store.latestOf(nodeSubject(trigger.subject.cluster, trigger.node));
  return about === null ? null : nodeOomOf(trigger, about.tally.recent);
}
