import type { JsonObject, ObjectStore } from '../../../../sandbox/kubernetes/objects/object-store.ts';

export interface Death {
  readonly id: string;
  /** ms UTC; now unless told. */
  readonly at?: number;
  readonly reason?: string;
}

/** A running pod with one container and nothing behind it. */
export function createPod(store: ObjectStore, name: string, metadata: JsonObject = {}): void {
  store.create('pods', {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name, namespace: 'shop', ...metadata },
    spec: { nodeName: 'node-1', containers: [{ name: 'app', resources: { limits: { memory: '64Mi' } } }] },
    status: { phase: 'Running', containerStatuses: [status({ running: { startedAt: time(Date.now() - 60_000) } })] },
  });
}

/** The container of a pod is killed: its `state` says so. */
export function kill(store: ObjectStore, name: string, death: Death, namespace = 'shop'): void {
  setStatus(store, name, namespace, status({ terminated: terminated(death) }));
}

/** It runs again, and the kill has moved to `lastState`. */
export function restart(store: ObjectStore, name: string, death: Death, namespace = 'shop'): void {
  const running = { running: { startedAt: time(Date.now()) } };
  setStatus(store, name, namespace, {
    ...status(running),
    lastState: { terminated: terminated(death) },
    restartCount: 1,
  });
}

/** The Event that says why the container is about to be ended: its probe. */
export function failProbe(store: ObjectStore, name: string): void {
  store.create('events', {
    kind: 'Event',
    apiVersion: 'v1',
    metadata: { name: `${name}.1`, namespace: 'shop' },
    involvedObject: {
      kind: 'Pod',
      namespace: 'shop',
      name,
      uid: store.get('pods', 'shop', name)?.metadata.uid,
      fieldPath: 'spec.containers{app}',
    },
    reason: 'Killing',
    message: 'Container app failed liveness probe, will be restarted',
    type: 'Normal',
    lastTimestamp: time(Date.now()),
  });
}

function setStatus(store: ObjectStore, name: string, namespace: string, container: JsonObject): void {
  store.write('pods', namespace, name, (draft) => {
    draft.status = { phase: 'Running', containerStatuses: [container] };
  });
}

function status(state: JsonObject): JsonObject {
  return { name: 'app', restartCount: 0, state, lastState: {} };
}

function terminated({ id, at = Date.now(), reason = 'OOMKilled' }: Death): JsonObject {
  return {
    exitCode: 137,
    reason,
    startedAt: time(at - 30_000),
    finishedAt: time(at),
    containerID: `containerd://${id}`,
  };
}

function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
