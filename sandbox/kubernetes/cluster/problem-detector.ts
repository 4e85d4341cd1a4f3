import type { SandboxClock } from '../../clock.ts';
import { podCgroup } from './rows.ts';
import { createEventRecorder, type EventRecorder } from '../kubelet/events.ts';
import type { MemoryKill, Victim } from '../kubelet/node.ts';
import type { PodRun } from '../kubelet/run.ts';
import type { ObjectStore } from '../objects/object-store.ts';

/**
 * What a node-problem-detector writes of the kernel's kills: nothing, the line about the victim (its usual rule,
 * which says nothing of a pod), or that line after the one that names the cgroup.
 */
export const detectorRules = ['none', 'victim', 'cgroup'] as const;
export type DetectorRule = (typeof detectorRules)[number];

export interface ProblemDetector {
  /** Writes an Event `OOMKilling` about the node, where the kernel killed somebody and the rule says so. */
  readonly tell: (run: PodRun, kill: MemoryKill, rule: DetectorRule) => void;
}

/** Reads the kernel's log on every node, as node-problem-detector's kernel monitor does. */
export function createProblemDetector(store: ObjectStore, clock: SandboxClock): ProblemDetector {
  const recorders = new Map<string, EventRecorder>();

  function recorderOf(node: string): EventRecorder {
    const known = recorders.get(node) ?? createEventRecorder(store, clock, 'kernel-monitor', node);
    recorders.set(node, known);
    return known;
  }

  return {
    tell: (run, kill, rule) => {
      const node = store.get('nodes', undefined, run.nodeName ?? '');
      if (rule === 'none' || kill.victim === null || node === undefined) return;
      const { name } = node.metadata;
      const lines = [...(rule === 'cgroup' ? [chosenLine(run, kill, kill.victim)] : []), killedLine(kill, kill.victim)];
      recorderOf(name).record({
        about: node,
        // Its client knows a node only by its name, and takes that for the uid.
        reference: { kind: 'Node', name, uid: name },
        type: 'Warning',
        reason: 'OOMKilling',
        message: lines.join('\n'),
      });
    },
  };
}

/** The kernel's line about whom it chose, and by which cgroup (recorded in `child-kill` and `systemoom-synthetic`). */
function chosenLine(run: PodRun, { cause, containerId }: MemoryKill, { process, pid }: Victim): string {
  const pod = podCgroup(run);
  const task = `task_memcg=${pod}/${containerId},task=${process},pid=${pid},uid=0`;
  if (cause === 'node') {
    return `oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=${containerId},mems_allowed=0,global_oom,${task}`;
  }
  return `oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=${containerId},mems_allowed=0,oom_memcg=${pod},${task}`;
}

function killedLine({ cause }: MemoryKill, { process, pid, rssBytes }: Victim): string {
  const anonKb = Math.round(rssBytes / 1024);
  const sizes = `total-vm:${anonKb + 1564}kB, anon-rss:${anonKb}kB, file-rss:588kB, shmem-rss:0kB`;
  const who = `Killed process ${pid} (${process}) ${sizes}, UID:0 pgtables:164kB oom_score_adj:998`;
  return cause === 'node' ? `Out of memory: ${who}` : `Memory cgroup out of memory: ${who}`;
}
