import { isDeepStrictEqual } from 'node:util';

import type { SandboxClock } from '../../clock.ts';
import { textOf } from '../objects/json-value.ts';
import { createInstances } from './instances.ts';
import type { NodeContext, WorkerTools } from './node.ts';
import { noticeResize } from './resize.ts';
import { newRun, wholeSeconds, type ContainerRun, type PodRun } from './run.ts';
import { podResources, wholePod } from './spec.ts';
import { claimStatus, podStatus } from './status.ts';
import { stopPod } from './stop.ts';
import type { KubeObject } from '../objects/object-store.ts';

/**
 * One pod on its node. A container goes
 *
 *     waiting -> running -> (dead, nobody knows yet) -> terminated -> waiting CrashLoopBackOff -> running …
 *
 * The status is behind the truth: the kubelet looks for dead containers once a second, so `terminated` shows 58 to
 * 1118 ms after the kill (recorded), and the restart raises `restartCount` and moves the end into `lastState`.
 */
export interface PodWorker {
  readonly run: PodRun;
  /** What its story's time is counted by. */
  readonly clock: SandboxClock;
  /** The stored pod is another one now (deletion, resize, finalizers). */
  readonly changed: (pod: KubeObject) => void;
  /** Lets something happen to the pod. */
  readonly act: (deed: (tools: WorkerTools) => void) => void;
  /** What needs more than its limit from now on is not killed for it. */
  readonly spare: () => void;
  /** The pod is out of the store: nothing may happen any more. */
  readonly dispose: () => void;
}

export function createPodWorker(node: NodeContext, pod: KubeObject, nodeName: string): PodWorker {
  const { clock, store, random, virtualNow } = node;
  const timers = new Set<() => void>();
  const run = newRun(pod, nodeName, random);
  const inits = run.containers.filter((container) => container.type !== 'container');
  const mains = run.containers.filter((container) => container.type === 'container');
  const events = node.eventsOf(nodeName);
  let stored = pod;
  const { startInstance, scheduleDeath, die, endByItself } = createInstances(node, run, later, noticed);

  function later(virtualMs: number, fn: () => void): () => void {
    const cancel = clock.after(virtualMs, () => {
      timers.delete(cancel);
      fn();
    });
    timers.add(cancel);
    return () => {
      timers.delete(cancel);
      cancel();
    };
  }

  function publish(): void {
    const now = wholeSeconds(clock.now());
    store.write('pods', run.namespace, run.name, (draft) => {
      if (draft.metadata.uid !== run.uid) return;
      run.observedGeneration = draft.metadata.generation ?? 1;
      const status = podStatus(run, textOf(draft.status?.['qosClass']) ?? 'Burstable', node.hostIpOf(nodeName), now);
      if (isDeepStrictEqual(draft.status, status)) return;
      draft.status = status;
      claimStatus(draft, now);
    });
  }

  const event: WorkerTools['event'] = (container, type, reason, message, annotations) => {
    const list = container?.type === 'container' ? 'containers' : 'initContainers';
    events.record({
      about: stored,
      type,
      reason,
      message,
      ...(container === null ? {} : { fieldPath: `spec.${list}{${container.spec.name}}` }),
      ...(annotations === undefined ? {} : { annotations }),
    });
  };

  function admit(): void {
    run.admitted = true;
    run.startTime = wholeSeconds(clock.now());
    const sum = podResources(
      [...mains, ...inits.filter(({ type }) => type === 'sidecar')].map(({ desired }) => desired),
      inits.filter(({ type }) => type === 'init').map(({ desired }) => desired),
    );
    run.podResources = wholePod(run.spec, sum);
    publish();
    later(380 + random() * 120, () => {
      run.sandboxReady = true;
      publish();
      proceed();
    });
  }

  /** Starts what comes next: one init container after the other, then all the others. */
  function proceed(): void {
    if (run.deleting || run.finished) return;
    const next = inits.find(({ instances, type, state }) => {
      if (instances.length === 0) return true;
      return type === 'init' && !(state.kind === 'terminated' && state.termination.exitCode === 0);
    });
    if (next !== undefined) {
      if (next.instances.length > 0) return;
      launch(next, () => {
        publish();
        if (next.type === 'sidecar') proceed();
      });
      return;
    }
    launchAll(mains.filter(({ instances }) => instances.length === 0));
  }

  function launchAll(waiting: readonly ContainerRun[]): void {
    const [first, ...rest] = waiting;
    if (first === undefined) {
      publish();
      return;
    }
    launch(first, () => {
      run.phase = 'Running';
      launchAll(rest);
    });
  }

  function launch(container: ContainerRun, started: () => void): void {
    const { image } = container.spec;
    event(
      container,
      'Normal',
      'Pulled',
      `Container image "${image}" already present on machine and can be accessed by the pod`,
    );
    later(15, () => {
      event(container, 'Normal', 'Created', 'Container created');
    });
    later(75, () => {
      // Two reasons to start it (back-off over, resized) may meet.
      if (run.deleting || run.finished || container.instance !== null) return;
      startInstance(container);
      event(container, 'Normal', 'Started', 'Container started');
      later(12, started);
    });
  }

  /** The once-a-second look found a dead container. */
  function noticed(container: ContainerRun): void {
    const { ended } = container;
    if (run.deleting || run.finished || ended === null) return;
    container.state = { kind: 'terminated', termination: ended };
    if (container.type === 'init' && ended.exitCode === 0) {
      publish();
      proceed();
    } else if (!restarts(container, ended.exitCode)) {
      settle(container);
    } else if (node.mayRestart(run)) {
      const wait = container.backoff.remaining(container.endedVirtual, virtualNow());
      if (wait > 0) backOff(container, wait);
      else {
        publish();
        startAgain(container);
      }
    } else {
      backOff(container, null);
    }
  }

  function restarts({ type }: ContainerRun, exitCode: number): boolean {
    if (type === 'sidecar' || run.spec.restartPolicy === 'Always') return true;
    return run.spec.restartPolicy === 'OnFailure' && exitCode !== 0;
  }

  function backOff(container: ContainerRun, waitMs: number | null): void {
    const { name } = container.spec;
    const where = `${run.name}_${run.namespace}(${run.uid})`;
    event(container, 'Warning', 'BackOff', `Back-off restarting failed container ${name} in pod ${where}`);
    publish();
    if (waitMs === null) return;
    const seconds = Math.max(10, Math.round(waitMs / 10_000) * 10);
    container.cancelRestart = later(waitMs + random() * 400, () => {
      const message = `back-off ${seconds}s restarting failed container=${name} pod=${where}`;
      container.state = { kind: 'waiting', reason: 'CrashLoopBackOff', message };
      publish();
      startAgain(container);
    });
  }

  function startAgain(container: ContainerRun): void {
    container.cancelRestart();
    container.backoff.started(virtualNow());
    launch(container, publish);
  }

  /** A container ended for good; the pod's phase follows a second later when it was the last. */
  function settle(container: ContainerRun): void {
    const over =
      (container.type === 'init' && container.ended?.exitCode !== 0) ||
      mains.every(({ state }) => state.kind === 'terminated');
    if (over) {
      for (const sidecar of inits.filter(({ instance }) => instance !== null)) {
        die(sidecar, 'completed');
        if (sidecar.ended !== null) sidecar.state = { kind: 'terminated', termination: sidecar.ended };
      }
      run.finished = true;
    }
    publish();
    if (!over) return;
    later(1000 + random() * 120, () => {
      const failed = run.containers.some(({ type, ended }) => type !== 'sidecar' && (ended?.exitCode ?? 0) !== 0);
      run.phase = failed ? 'Failed' : 'Succeeded';
      publish();
    });
  }

  const tools: WorkerTools = { node, run, later, publish, event, die, endByItself, startAgain, scheduleDeath };

  function changed(now: KubeObject): void {
    stored = now;
    if (now.metadata.deletionTimestamp !== undefined) {
      stopPod(tools, now);
      return;
    }
    if (run.admitted && !run.finished) noticeResize(tools, now);
  }

  later(18, admit);
  return {
    run,
    clock,
    changed,
    act: (deed) => {
      deed(tools);
    },
    spare: () => {
      for (const container of run.containers) container.cancelDeath();
    },
    dispose: () => {
      run.finished = true;
      for (const container of run.containers) container.instance = null;
      for (const cancel of timers) cancel();
      timers.clear();
    },
  };
}
