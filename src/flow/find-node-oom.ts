import { nodeOomOf } from '../core/evidence/node-oom.ts';
import type { NodeOom } from '../core/evidence/node-oom.ts';
import { nodeSubject } from '../core/kill/kill.ts';
import type { Kill } from '../core/kill/kill.ts';
import type { Store } from './needs.ts';

/**
 * Whether the kernel killed for the whole node when this container was killed, by the kills that its node's own incident
 * keeps. Null where nobody repeats the kernel's words, or watches nodes. @throws Failure
 */
export async function findNodeOom(kill: Kill, store: Pick<Store, 'latestOf'>): Promise<NodeOom | null> {
  if (kill.kind !== 'container' || kill.node === null) return null;
  const about = await store.latestOf(nodeSubject(kill.subject.cluster, kill.node));
  return about === null ? null : nodeOomOf(kill, about.tally.recent);
}
