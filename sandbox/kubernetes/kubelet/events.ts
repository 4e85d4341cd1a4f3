import type { SandboxClock } from '../../clock.ts';
import { wholeSeconds } from './run.ts';
import type { KubeObject, ObjectStore } from '../objects/object-store.ts';

export interface EventNote {
  readonly about: KubeObject;
  /** How the reporter names it, where that is not by all that the object says of itself. */
  readonly reference?: Readonly<Record<string, unknown>>;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** `spec.containers{app}` */
  readonly fieldPath?: string;
  readonly annotations?: Record<string, string>;
}

/** Writes core/v1 Events; the same fact about the same object raises the count of the Event that is there. */
export interface EventRecorder {
  readonly record: (note: EventNote) => void;
}

/** The newest time that a name of an Event ends in, in us, by store: several report about one object. */
const newest = new WeakMap<ObjectStore, number>();

/** `component` reports, from `host` (the node) where it has one. */
export function createEventRecorder(
  store: ObjectStore,
  clock: SandboxClock,
  component: string,
  host: string,
): EventRecorder {
  const known = new Map<string, string>();

  function nextName(base: string): string {
    // The real name ends in the time in ns; it only has to be unique.
    const last = Math.max((newest.get(store) ?? 0) + 1, clock.now() * 1000);
    newest.set(store, last);
    return `${base}.${(last * 1000).toString(16)}`;
  }

  function record(note: EventNote): void {
    const { about, reason, message, type, fieldPath, reference = referenceTo(about, fieldPath) } = note;
    const { namespace = 'default', name, uid } = about.metadata;
    const key = [uid, fieldPath, type, reason, message].join('\n');
    const time = wholeSeconds(clock.now());
    const earlier = known.get(key);
    const repeated =
      earlier === undefined
        ? undefined
        : store.write('events', namespace, earlier, (draft) => {
            draft['count'] = Number(draft['count']) + 1;
            draft['lastTimestamp'] = time;
          });
    if (repeated !== undefined) return;
    const eventName = nextName(name);
    known.set(key, eventName);
    store.create('events', {
      kind: 'Event',
      apiVersion: 'v1',
      metadata: {
        name: eventName,
        namespace,
        ...(note.annotations === undefined ? {} : { annotations: note.annotations }),
      },
      involvedObject: { ...reference },
      reason,
      message,
      source: host === '' ? { component } : { component, host },
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
      type,
      eventTime: null,
      reportingComponent: component,
      reportingInstance: host,
    });
  }

  return { record };
}

function referenceTo(about: KubeObject, fieldPath: string | undefined): Record<string, string> {
  const { namespace = 'default', name, uid, resourceVersion } = about.metadata;
  return {
    kind: about.kind,
    namespace,
    name,
    uid,
    apiVersion: about.apiVersion,
    resourceVersion,
    ...(fieldPath === undefined ? {} : { fieldPath }),
  };
}
