import type { SandboxClock } from '../../clock.ts';
import { createEventRecorder, type EventRecorder } from '../kubelet/events.ts';
import { objectOf, objectsOf, textOf } from '../objects/json-value.ts';
import { wholeSeconds } from '../kubelet/run.ts';
import type { JsonObject, KubeObject, NewObject, ObjectStore } from '../objects/object-store.ts';

/** What every controller works with. */
export interface ControllerContext {
  readonly store: ObjectStore;
  readonly clock: SandboxClock;
  /** [0, 1) */
  readonly random: () => number;
  readonly nodeNames: readonly string[];
  readonly events: (component: string) => EventRecorder;
  /** When a Job (by uid) may try again after so many failures; virtual ms. */
  readonly retries: Map<string, { readonly failures: number; readonly at: number }>;
  /** Looks at an object again after so many virtual ms. */
  readonly again: (resource: string, object: KubeObject, virtualMs: number) => void;
}

/** Brings the world one step nearer to what the object asks for; called again after every change. */
export type Reconcile = (context: ControllerContext, object: KubeObject) => void;

/** Event recorders by component, made on demand. */
export function eventSource(store: ObjectStore, clock: SandboxClock): ControllerContext['events'] {
  const recorders = new Map<string, EventRecorder>();
  return (component) => {
    const recorder = recorders.get(component) ?? createEventRecorder(store, clock, component, '');
    recorders.set(component, recorder);
    return recorder;
  };
}

/** Objects of a resource that this object controls. */
export function ownedBy(store: ObjectStore, resource: string, owner: KubeObject): readonly KubeObject[] {
  return store.ownedBy(resource, owner.metadata.uid);
}

export function numberAt(object: JsonObject | undefined, key: string, otherwise: number): number {
  const value = object?.[key];
  return typeof value === 'number' ? value : otherwise;
}

export function isReady(pod: KubeObject): boolean {
  return objectsOf(pod.status?.['conditions']).some((each) => each['type'] === 'Ready' && each['status'] === 'True');
}

export function isTerminating({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

export function isOver(pod: KubeObject): boolean {
  return pod.status?.['phase'] === 'Failed' || pod.status?.['phase'] === 'Succeeded';
}

/** Asks for a pod's end as a DELETE would: the kubelet does the rest. */
export function deletePod({ store, clock }: Pick<ControllerContext, 'store' | 'clock'>, pod: KubeObject): void {
  const { name, namespace } = pod.metadata;
  if (isTerminating(pod)) return;
  const seconds = isOver(pod) ? 0 : numberAt(pod.spec, 'terminationGracePeriodSeconds', 30);
  store.write('pods', namespace, name, ({ metadata }) => {
    metadata.deletionTimestamp = wholeSeconds(clock.now() + seconds * 1000);
    metadata['deletionGracePeriodSeconds'] = seconds;
  });
}

/** Replaces the status; parts that are undefined are left out. */
export function writeStatus(store: ObjectStore, resource: string, object: KubeObject, status: JsonObject): void {
  const { name, namespace } = object.metadata;
  store.write(resource, namespace, name, (draft) => {
    draft.status = Object.fromEntries(Object.entries(status).filter(([, value]) => value !== undefined));
  });
}

/** What the admission fills in of a pod's PriorityClass. */
function withPriority(store: ObjectStore, pod: NewObject): NewObject {
  const spec = objectOf(pod['spec']);
  const name = textOf(spec['priorityClassName']);
  const priority = name === undefined ? undefined : store.get('priorityclasses', undefined, name)?.['value'];
  return priority === undefined ? pod : { ...pod, spec: { ...spec, priority } };
}

/** Creates a pod for its controller, and says so in an Event. */
export function createPodFor(
  { store, events }: ControllerContext,
  owner: KubeObject,
  pod: NewObject,
  by: { readonly component: string; readonly created: string },
): void {
  store.create('pods', withPriority(store, pod));
  events(by.component).record({ about: owner, type: 'Normal', reason: 'SuccessfulCreate', message: by.created });
}
