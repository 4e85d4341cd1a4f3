import { nodeOomOf } from '../core/evidence/node/node-oom.ts';
import type { NodeOom } from '../core/evidence/node/node-oom.ts';
import { nodeSubject } from '../core/kill/kill.ts';
import type { Trigger } from '../core/kill/trigger.ts';
import type { Store } from './needs.ts';

/**
 * The kill for the whole node that hit this container, from the kills in the node's own incident. Null if there was
 * none, if nothing reports the kernel's messages as Events, or if nodes are not watched. @throws Failure
 */
export async function findNodeOom(trigger: Trigger, store: Pick<Store, 'latestOf'>): Promise<NodeOom | null> {
  if (trigger.kind !== 'container' || trigger.node === null) return null;
  const about = await store.latestOf(nodeSubject(trigger.subject.cluster, trigger.node));
  return about === null ? null : nodeOomOf(trigger, about.tally.recent);
}
