import type { SandboxClock } from '../clock.ts';
import { adoptPast, pastAgeMs, type Past } from './cluster-history.ts';
import type { SampleStore } from './cluster-samples.ts';
import { targetKey, topOwner } from './cluster-target.ts';
import { templateOf } from './controllers-template.ts';
import { hexId } from './kubelet-life.ts';
import { wholeSeconds, type ContainerRun, type PodRun } from './kubelet-run.ts';
import { memoryLimit, readPodSpec } from './kubelet-spec.ts';
import type { Change, KubeObject, ObjectStore } from './object-store.ts';
import type { MemoryProgram } from './program.ts';

/** What appears this long (real ms) after the behaviour was set came with the workload; later pods are new. */
const birthMs = 2000;
/** Replicas don't die in the same moment: virtual ms between them. */
const staggerMs = 20 * 60_000;

interface Owner {
  readonly container: string;
  readonly program: MemoryProgram;
  readonly past: Past;
  readonly until: number;
  pods: number;
}

export interface PastKeeper {
  readonly remember: (key: string, container: string, program: MemoryProgram, past: Past) => void;
  readonly observe: (change: Change) => void;
  readonly firstLife: (key: string, run: PodRun, container: ContainerRun) => void;
  readonly close: () => void;
}

/** Gives workloads that are created now the age, restarts and metrics of ones that have been there for hours. */
export function createPastKeeper(
  store: ObjectStore,
  clock: SandboxClock,
  random: () => number,
  samples: SampleStore,
): PastKeeper {
  const owners = new Map<string, Owner>();
  const timers: (() => void)[] = [];

  const bornWith = (key: string): Owner | undefined => {
    const owner = owners.get(key);
    return owner === undefined || clock.now() > owner.until ? undefined : owner;
  };

  function age(resource: string, object: KubeObject, owner: Owner): void {
    const { namespace, name } = object.metadata;
    const ageMs = pastAgeMs(owner.program, limitIn(object, owner.container), owner.past);
    store.write(resource, namespace, name, ({ metadata }) => {
      metadata.creationTimestamp = wholeSeconds(clock.now() - ageMs);
    });
  }

  return {
    remember: (key, container, program, past) => {
      owners.set(key, { container, program, past, until: clock.now() + birthMs, pods: 0 });
    },
    observe: ({ type, resource, object }) => {
      if (type !== 'ADDED' || resource === 'events' || resource === 'nodes') return;
      const owner = bornWith(targetKey(topOwner(store, object)));
      if (owner === undefined) return;
      // NOTE: put off, since a write from inside a notification would overtake it for the other listeners.
      timers.push(
        clock.after(1, () => {
          age(resource, object, owner);
        }),
      );
    },
    firstLife: (key, run, container) => {
      const owner = bornWith(key);
      if (owner?.container !== container.spec.name) return;
      const past = { ...owner.past, remainingMs: owner.past.remainingMs + owner.pods * staggerMs };
      owner.pods += 1;
      adoptPast(run, container, past, {
        now: clock.now(),
        samples,
        newId: () => hexId(random),
      });
      const ageMs = pastAgeMs(owner.program, memoryLimit(container.desired), past);
      run.startTime = wholeSeconds(clock.now() - ageMs);
    },
    close: () => {
      for (const cancel of timers) cancel();
    },
  };
}

function limitIn(object: KubeObject, container: string): number | null {
  const spec = object.kind === 'Pod' ? readPodSpec(object) : readPodSpec({ ...object, spec: templateOf(object).spec });
  const found = spec.containers.find(({ name }) => name === container);
  return found === undefined ? null : memoryLimit(found.resources);
}
