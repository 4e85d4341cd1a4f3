import { parse } from 'yaml';

/** The shared header of the pods in these tests: what a case does not say, it has from here. */
const HEADER = `
kind: Pod
apiVersion: v1
metadata:
  name: web-1
  namespace: shop
  uid: 11111111-2222-3333-4444-555555555555
  resourceVersion: "100"
  creationTimestamp: "2026-11-24T06:00:00Z"
  labels: { app: web }
spec:
  nodeName: node-1
  restartPolicy: Always
  terminationGracePeriodSeconds: 30
  containers:
    - name: app
      image: shop/web:1
      resources: { limits: { memory: 64Mi }, requests: { memory: 32Mi } }
`;

type Tree = Record<string, unknown>;

/** A pod of the header plus what the YAML says; objects are merged, lists replaced. */
export function podYaml(yaml: string): Tree {
  return merge(parse(HEADER), parse(yaml));
}

/** A pod whose only container is in this state. */
export function podInState(state: string, lastState = '{}', more = ''): Tree {
  return podYaml(
    `{ status: { phase: Running, containerStatuses: [{ name: app, restartCount: 0, state: ${state}, lastState: ${lastState} }] }${more} }`,
  );
}

/** `terminated` in YAML. `second` is the second of the minute in which it ended; it began three before. */
export function terminated(reason: string, exitCode: number, id: string, second: number): string {
  const at = (seconds: number) => `"2026-11-24T06:10:${String(seconds).padStart(2, '0')}Z"`;
  return `{ terminated: { exitCode: ${exitCode}, reason: ${reason}, startedAt: ${at(second - 3)}, finishedAt: ${at(second)}, containerID: "containerd://${id}" } }`;
}

export function atMs(second: number): number {
  return Date.UTC(2026, 10, 24, 6, 10, second);
}

/** An Event about the pod of the header. */
export function eventYaml(reason: string, message: string, second: number, container = 'app'): Tree {
  const event: unknown = parse(`
kind: Event
involvedObject:
  kind: Pod
  namespace: shop
  name: web-1
  uid: 11111111-2222-3333-4444-555555555555
  fieldPath: spec.containers{${container}}
reason: ${reason}
message: ${JSON.stringify(message)}
lastTimestamp: "2026-11-24T06:10:${String(second).padStart(2, '0')}Z"
`);
  return merge(event, {});
}

function merge(base: unknown, over: unknown): Tree {
  if (!isTree(base)) return isTree(over) ? over : {};
  if (!isTree(over)) return base;
  const merged: Tree = { ...base };
  for (const [key, value] of Object.entries(over)) {
    merged[key] = isTree(value) && isTree(base[key]) ? merge(base[key], value) : value;
  }
  return merged;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
