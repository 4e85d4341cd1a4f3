import { anyPid } from './life.ts';
import { limitInForce } from './limit.ts';
import type { Victim, WorkerTools } from './node.ts';
import type { ContainerRun } from './run.ts';

/**
 * The kernel kills a process of the container that is not its first: the counter rises and the pod shows nothing
 * (recorded in `child-kill`). What is not said of the victim is made up: nearly the whole limit, called `worker`.
 */
export function killChild({ node, run }: WorkerTools, container: ContainerRun, victim: Partial<Victim> = {}): void {
  const { life } = container;
  if (life === null || run.deleting) return;
  const at = node.clock.now();
  const limit = limitInForce(run, container, node.virtualNow()) ?? 0;
  life.childKills = [...life.childKills, at];
  life.peakBytes = Math.max(life.peakBytes, limit);
  node.killed({
    cause: 'child',
    at,
    namespace: run.namespace,
    pod: run.name,
    podUid: run.uid,
    container: container.spec.name,
    containerId: life.containerId,
    limitInForceBytes: limit,
    victim: {
      process: victim.process ?? 'worker',
      pid: victim.pid ?? anyPid(node.random),
      rssBytes: victim.rssBytes ?? Math.round(limit * 0.9),
    },
  });
}
