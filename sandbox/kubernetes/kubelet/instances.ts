import type { NodeContext, Victim, WorkerTools } from './node.ts';
import {
  usageOf,
  wholeSeconds,
  type ContainerRun,
  type Ending,
  type Instance,
  type PodRun,
  type Termination,
} from './run.ts';
import { crossingAt, filesAt, lengthOf, withFiles, withPages } from './program.ts';
import { memoryLimit } from './spec.ts';

const exits: Readonly<Record<Ending, Pick<Termination, 'exitCode' | 'reason'>>> = {
  memory: { exitCode: 137, reason: 'OOMKilled' },
  node: { exitCode: 137, reason: 'OOMKilled' },
  exited: { exitCode: 1, reason: 'Error' },
  liveness: { exitCode: 137, reason: 'Error' },
  evicted: { exitCode: 137, reason: 'Error' },
  stopped: { exitCode: 143, reason: 'Error' },
  completed: { exitCode: 0, reason: 'Completed' },
};

/**
 * The limit that really kills, in bytes; null = none. The pod's cgroup counts too: after a resize of a container
 * that was not running it keeps the old value, whatever the status says ((k/k#138760)).
 */
export function limitInForce(run: PodRun, container: ContainerRun, virtualNow: number): number | null {
  const own = container.applied === null ? null : memoryLimit(container.applied);
  const pod = memoryLimit(run.podResources);
  const others = run.containers
    .filter((other) => other !== container)
    .reduce((sum, other) => sum + (usageOf(other, virtualNow) ?? 0), 0);
  const candidates = [own, pod === null ? null : Math.max(0, pod - others)].filter((bytes) => bytes !== null);
  return candidates.length === 0 ? null : Math.min(...candidates);
}

/** Beginning and end of processes. `noticed` is called when the kubelet finds a container that ended by itself. */
export function createInstances(
  node: NodeContext,
  run: PodRun,
  later: WorkerTools['later'],
  noticed: (container: ContainerRun) => void,
): { readonly startInstance: (container: ContainerRun) => void } & Pick<
  WorkerTools,
  'scheduleDeath' | 'die' | 'endByItself'
> {
  const { clock, random, virtualNow } = node;

  function startInstance(container: ContainerRun): void {
    if (container.ended !== null) {
      container.lastTermination = container.ended;
      container.restartCount += 1;
      container.ended = null;
    }
    container.allocated = container.desired;
    container.applied = container.desired;
    const program = node.programFor(run, container.spec.name);
    const leftBytes = program.files === undefined ? 0 : run.leftBytes;
    const instance: Instance = {
      containerId: hexId(random),
      ordinal: container.restartCount,
      startedAt: Math.round(clock.now()),
      startedVirtual: virtualNow(),
      pace: clock.speed,
      program: withPages(withFiles(program, leftBytes)),
      leftBytes,
      endedAt: null,
      ending: null,
      peakBytes: 0,
      childKills: [],
      stall: { at: Math.round(clock.now()), stalledSeconds: 0 },
      cpu: { at: Math.round(clock.now()), count: 0 },
    };
    container.instance = instance;
    container.instances = [...container.instances, instance].slice(-3);
    container.state = { kind: 'running', startedAt: wholeSeconds(instance.startedAt) };
    if (container.instances.length === 1) node.firstInstance(run, container);
    scheduleDeath(container);
  }

  /** Sets the timer for the moment at which this instance's demand no longer fits, or its work is done. */
  function scheduleDeath(container: ContainerRun): void {
    container.cancelDeath();
    const { instance } = container;
    if (instance === null || !node.mayRestart(run)) return;
    const age = virtualNow() - instance.startedVirtual;
    const limit = limitInForce(run, container, virtualNow());
    const crossing = limit === null ? null : crossingAt(instance.program, limit, age);
    const ends = container.type === 'init' || (container.type === 'container' && run.spec.restartPolicy !== 'Always');
    const end = ends ? lengthOf(instance.program) : null;
    const { givesUp } = instance.program;
    if (givesUp !== undefined && givesUp.at <= (crossing ?? Infinity)) {
      container.cancelDeath = later(Math.max(10, givesUp.at - age), () => {
        endByItself(container, 'exited', givesUp.exitCode);
      });
      return;
    }
    if (crossing !== null && (end === null || crossing <= end)) {
      container.cancelDeath = later(Math.max(10, crossing - age), () => {
        endByItself(container, 'memory');
      });
    } else if (end !== null) {
      container.cancelDeath = later(Math.max(10, end - age), () => {
        die(container, 'completed');
        later(200, () => {
          noticed(container);
        });
      });
    }
  }

  function endByItself(container: ContainerRun, ending: Ending, exitCode?: number): void {
    die(container, ending, exitCode);
    later(58 + random() * 1060, () => {
      noticed(container);
    });
  }

  function die(container: ContainerRun, ending: Ending, exitCode = exits[ending].exitCode): void {
    const { instance } = container;
    if (instance === null) return;
    container.cancelDeath();
    instance.peakBytes = Math.max(instance.peakBytes, usageOf(container, virtualNow()) ?? 0);
    const limit = limitInForce(run, container, virtualNow());
    const age = virtualNow() - instance.startedVirtual;
    if (instance.program.files !== undefined) run.leftBytes = filesAt(instance.program, instance.leftBytes, age);
    instance.endedAt = clock.now();
    instance.ending = ending;
    container.instance = null;
    container.endedVirtual = virtualNow();
    container.ended = {
      exitCode,
      reason: reasonOf(ending, exitCode, instance),
      ...messageOf(instance),
      startedAt: wholeSeconds(instance.startedAt),
      finishedAt: wholeSeconds(instance.endedAt),
      containerID: `containerd://${instance.containerId}`,
    };
    const gaveUp = ending === 'exited' && exitCode === instance.program.givesUp?.exitCode;
    if (ending !== 'memory' && ending !== 'node' && !gaveUp) return;
    node.killed({
      cause: gaveUp ? 'self' : ending === 'memory' ? 'limit' : 'node',
      at: instance.endedAt,
      namespace: run.namespace,
      pod: run.name,
      podUid: run.uid,
      container: container.spec.name,
      containerId: instance.containerId,
      limitInForceBytes: ending === 'memory' ? (limit ?? 0) : 0,
      victim: gaveUp
        ? null
        : { process: container.spec.name, pid: anyPid(random), rssBytes: Math.round(instance.peakBytes) },
    });
  }

  return { startInstance, scheduleDeath, die, endByItself };
}

/** Of a termination log the kubelet takes the last 4096 bytes. */
function messageOf({ program: { lastWords = '' } }: Instance): Pick<Termination, 'message'> {
  const message = Buffer.from(lastWords).subarray(-4096).toString();
  return message === '' ? {} : { message };
}

/** The mark is sticky: once the kernel has killed in a container, its end reads so whatever it was (recorded). */
function reasonOf(ending: Ending, exitCode: number, { childKills }: Instance): Termination['reason'] {
  if (childKills.length > 0) return 'OOMKilled';
  return ending === 'exited' && exitCode === 0 ? 'Completed' : exits[ending].reason;
}

/**
 * The kernel kills a process of the container that is not its first: the counter rises and the pod shows nothing
 * (recorded in `child-kill`). What is not said of the victim is made up: nearly the whole limit, called `worker`.
 */
export function killChild({ node, run }: WorkerTools, container: ContainerRun, victim: Partial<Victim> = {}): void {
  const { instance } = container;
  if (instance === null || run.deleting) return;
  const at = node.clock.now();
  const limit = limitInForce(run, container, node.virtualNow()) ?? 0;
  instance.childKills = [...instance.childKills, at];
  instance.peakBytes = Math.max(instance.peakBytes, limit);
  node.killed({
    cause: 'child',
    at,
    namespace: run.namespace,
    pod: run.name,
    podUid: run.uid,
    container: container.spec.name,
    containerId: instance.containerId,
    limitInForceBytes: limit,
    victim: {
      process: victim.process ?? 'worker',
      pid: victim.pid ?? anyPid(node.random),
      rssBytes: victim.rssBytes ?? Math.round(limit * 0.9),
    },
  });
}

/** A process id that a busy node would give. */
function anyPid(random: () => number): number {
  return 4000 + Math.floor(random() * 60_000);
}

/** 64 hexadecimal digits, as containerd names a container. */
export function hexId(random: () => number): string {
  return Array.from({ length: 64 }, () => Math.floor(random() * 16).toString(16)).join('');
}
