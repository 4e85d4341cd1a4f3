import type { SandboxClock } from '../../clock.ts';
import { adoptPast, pastAgeMs, type Past } from './history.ts';
import type { SampleStore } from './samples.ts';
import { targetKey, topOwner } from './target.ts';
import { resourceOf } from '../objects/kinds.ts';
import { numberAt } from '../controllers/context.ts';
import { templateOf } from '../controllers/template.ts';
import { hexId } from '../kubelet/instances.ts';
import { wholeSeconds, type ContainerRun, type PodRun } from '../kubelet/run.ts';
import { memoryLimit, readPodSpec } from '../kubelet/spec.ts';
import type { Change, KubeObject, ObjectStore } from '../objects/object-store.ts';
import type { MemoryProgram } from '../kubelet/program.ts';

/** What appears later than this (real ms) after the behaviour was set is new, whatever the numbers say. */
const birthMs = 20_000;
/** Replicas don't die in the same moment: virtual ms between them. */
const staggerMs = 20 * 60_000;

interface Owner {
  readonly container: string;
  readonly program: MemoryProgram;
  readonly past: Past;
  readonly measured: boolean;
  readonly until: number;
  /** Objects by resource that came with the workload so far; what is above its number of pods, or a second, is new. */
  readonly aged: Map<string, number>;
  pods: number;
}

export interface PastKeeper {
  readonly remember: (
    key: string,
    container: string,
    program: MemoryProgram,
    past: Past,
    /** Whether Prometheus has its rows. */
    measured: boolean,
  ) => void;
  readonly observe: (change: Change) => void;
  readonly firstInstance: (key: string, run: PodRun, container: ContainerRun) => void;
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

  /** How many pods a workload has that nobody has changed yet. */
  function podsOf(key: string): number {
    const [namespace, kind = '', name = ''] = key.split('/');
    if (kind === 'DaemonSet') return Infinity;
    return numberAt(store.get(resourceOf(kind), namespace, name)?.spec, 'replicas', 1);
  }

  function age(resource: string, object: KubeObject, owner: Owner): void {
    const { namespace, name } = object.metadata;
    const ageMs = pastAgeMs(owner.program, limitIn(object, owner.container), owner.past);
    store.write(resource, namespace, name, ({ metadata }) => {
      metadata.creationTimestamp = wholeSeconds(clock.now() - ageMs);
    });
  }

  return {
    remember: (key, container, program, past, measured) => {
      owners.set(key, { container, program, past, measured, until: clock.now() + birthMs, aged: new Map(), pods: 0 });
    },
    observe: ({ type, resource, object }) => {
      if (type !== 'ADDED' || resource === 'events' || resource === 'nodes') return;
      const key = targetKey(topOwner(store, object));
      const owner = bornWith(key);
      if (owner === undefined) return;
      const before = owner.aged.get(resource) ?? 0;
      if (before >= (resource === 'pods' ? podsOf(key) : 1)) return;
      owner.aged.set(resource, before + 1);
      // NOTE: put off, since a write from inside a notification would overtake it for the other listeners.
      timers.push(
        clock.after(1, () => {
          age(resource, object, owner);
        }),
      );
    },
    firstInstance: (key, run, container) => {
      const owner = bornWith(key);
      if (owner?.container !== container.spec.name || owner.pods >= podsOf(key)) return;
      const past = { ...owner.past, remainingMs: owner.past.remainingMs + owner.pods * staggerMs };
      owner.pods += 1;
      adoptPast(run, container, past, {
        now: clock.now(),
        samples,
        newId: () => hexId(random),
        measured: owner.measured,
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
  const spec = readPodSpec(object.kind === 'Pod' ? object : { ...object, spec: templateOf(object).spec });
  const found = spec.containers.find(({ name }) => name === container);
  return found === undefined ? null : memoryLimit(found.resources);
}
