import type { SandboxClock } from '../../clock.ts';
import { objectOf, objectsOf } from '../objects/json-value.ts';
import type { EventRecorder } from './events.ts';
import type { StarvedResource } from './node.ts';
import { wholeSeconds } from './run.ts';
import type { JsonObject, ObjectStore } from '../objects/object-store.ts';

/** How long a kubelet still calls a node short of something after it reclaimed, virtual ms (its default). */
const transitionMs = 300_000;

export interface NodePressure {
  /**
   * The node is short of something: Event, condition and taint, as recorded in `evict`. It ends after so many virtual
   * ms, of the last call where it was short already.
   */
  readonly press: (node: string, resource: StarvedResource, clock: SandboxClock, virtualMs: number) => void;
  /** The same for as long as a kubelet by default calls a node short, and it says that it takes something back. */
  readonly reclaim: (node: string, resource: StarvedResource, clock: SandboxClock) => void;
  readonly close: () => void;
}

interface Words {
  readonly condition: string;
  readonly taint: string;
  /** Reason and message of the condition; the Event's reason is `Node` and what follows `Kubelet`. */
  readonly short: readonly [string, string];
  readonly enough: readonly [string, string];
}

const words: Readonly<Record<StarvedResource, Words>> = {
  memory: {
    condition: 'MemoryPressure',
    taint: 'node.kubernetes.io/memory-pressure',
    short: ['KubeletHasInsufficientMemory', 'kubelet has insufficient memory available'],
    enough: ['KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  },
  'ephemeral-storage': {
    condition: 'DiskPressure',
    taint: 'node.kubernetes.io/disk-pressure',
    short: ['KubeletHasDiskPressure', 'kubelet has disk pressure'],
    enough: ['KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  },
};

/** Conditions of the pretend nodes, which their kubelets and the node lifecycle controller keep up. */
export function createNodePressure(store: ObjectStore, eventsOf: (node: string) => EventRecorder): NodePressure {
  const ends = new Map<string, () => void>();
  const timers = new Set<() => void>();

  function later(clock: SandboxClock, virtualMs: number, fn: () => void): () => void {
    const cancel = clock.after(virtualMs, () => {
      timers.delete(cancel);
      fn();
    });
    timers.add(cancel);
    return cancel;
  }

  /** The controller's taint follows the kubelet's condition 3 ms later (recorded). */
  function turn(name: string, resource: StarvedResource, clock: SandboxClock, isShort: boolean): void {
    const { condition, taint, short, enough } = words[resource];
    const [reason, message] = isShort ? short : enough;
    const time = wholeSeconds(clock.now());
    const node = store.get('nodes', undefined, name);
    if (node === undefined) return;
    const what = reason.replace('Kubelet', 'Node');
    const note = `Node ${name} status is now: ${what}`;
    eventsOf(name).record({ about: node, reference: nodeReference(name), type: 'Normal', reason: what, message: note });
    store.write('nodes', undefined, name, (draft) => {
      for (const each of objectsOf(objectOf(draft.status)['conditions'])) {
        each['lastHeartbeatTime'] = time;
        if (each['type'] !== condition) continue;
        Object.assign(each, { status: isShort ? 'True' : 'False', lastTransitionTime: time, reason, message });
      }
    });
    later(clock, 3, () => {
      store.write('nodes', undefined, name, (draft) => {
        const { taints, ...spec } = objectOf(draft.spec);
        const kept: JsonObject[] = objectsOf(taints).filter(({ key }) => key !== taint);
        if (isShort) kept.push({ key: taint, effect: 'NoSchedule', timeAdded: time });
        draft.spec = kept.length === 0 ? spec : { ...spec, taints: kept };
      });
    });
  }

  const press: NodePressure['press'] = (node, resource, clock, virtualMs) => {
    const key = `${node}/${resource}`;
    const end = ends.get(key);
    if (end === undefined) turn(node, resource, clock, true);
    else end();
    ends.set(
      key,
      later(clock, virtualMs, () => {
        ends.delete(key);
        turn(node, resource, clock, false);
      }),
    );
  };

  return {
    press,
    reclaim: (name, resource, clock) => {
      press(name, resource, clock, transitionMs);
      const about = store.get('nodes', undefined, name);
      if (about === undefined) return;
      const message = `Attempting to reclaim ${resource}`;
      const reference = nodeReference(name);
      eventsOf(name).record({ about, reference, type: 'Warning', reason: 'EvictionThresholdMet', message });
    },
    close: () => {
      for (const cancel of timers) cancel();
    },
  };
}

/** How the kubelet names its node in an Event: by name alone (recorded). */
export function nodeReference(name: string): JsonObject {
  return { kind: 'Node', name, apiVersion: 'v1' };
}
