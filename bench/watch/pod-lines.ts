/** Makes watch lines of pretend pods, 2 to 20 KB each, fast enough not to be what is measured. */
export interface PodLines {
  /** So many lines about the pods `from`, `from + 1`, …; each pod keeps its name, uid and size. */
  readonly lines: (type: 'ADDED' | 'MODIFIED', from: number, count: number) => Buffer;
  /** A page of a list: the objects alone, with commas between. */
  readonly items: (from: number, count: number) => Buffer;
  /** The line of a pod that was killed just now, whose name is `marker`. */
  readonly marker: (at: Date) => Buffer;
  readonly bookmark: () => Buffer;
}

const kinds = 64;
const smallest = 2_000;
const largest = 20_000;
/** One pod in so many has ended once, by itself, and says so for ever: its line is parsed. */
const restartedOneIn = 100;
const placeholder = { name: 'NAME000000', version: '1000000000', uid: 'UID000000' };

export function createPodLines(): PodLines {
  const templates = Array.from({ length: kinds }, (_, kind) => templateOf(kind, false));
  const restarted = templateOf(kinds / 2, true);
  const version = { last: 1_000_000_000 };
  const templateFor = (pod: number): Template =>
    pod % restartedOneIn === 0 ? restarted : (templates[pod % kinds] ?? restarted);

  function object(pod: number): Buffer {
    const { bytes, names, uids, versionAt } = templateFor(pod);
    version.last += 1;
    const digits = String(pod).padStart(6, '0');
    for (const at of names) bytes.write(digits, at + 4, 'latin1');
    for (const at of uids) bytes.write(digits, at + 3, 'latin1');
    bytes.write(String(version.last), versionAt, 'latin1');
    return bytes;
  }

  return {
    lines: (type, from, count) =>
      joined(from, count, (pod) => [Buffer.from(`{"type":"${type}","object":`), object(pod), Buffer.from('}\n')]),
    items: (from, count) => joined(from, count, (pod, isLast) => [itemOf(object(pod)), isLast ? empty : comma]),
    marker: (at) => {
      version.last += 1;
      const time = `${at.toISOString().slice(0, 19)}Z`;
      const pod = podOf({ name: 'marker', uid: 'marker', version: String(version.last) }, 1_000, {
        terminated: {
          exitCode: 137,
          reason: 'OOMKilled',
          startedAt: time,
          finishedAt: time,
          containerID: `containerd://marker-${version.last}`,
        },
      });
      return Buffer.from(`{"type":"MODIFIED","object":${JSON.stringify(pod)}}\n`);
    },
    bookmark: () =>
      Buffer.from(
        `{"type":"BOOKMARK","object":{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"${version.last}","annotations":{"k8s.io/initial-events-end":"true"}}}}\n`,
      ),
  };
}

const empty = Buffer.alloc(0);
const comma = Buffer.from(',');
const typeMeta = Buffer.from('"kind":"Pod","apiVersion":"v1",');

function joined(from: number, count: number, parts: (pod: number, isLast: boolean) => readonly Buffer[]): Buffer {
  // A copy each: the template is written over for the next pod.
  const pods = Array.from({ length: count }, (_, at) => Buffer.concat(parts(from + at, at === count - 1)));
  return Buffer.concat(pods);
}

/** As in a list, which leaves kind and version out. */
function itemOf(pod: Buffer): Buffer {
  return Buffer.concat([pod.subarray(0, 1), pod.subarray(1 + typeMeta.length)]);
}

interface Template {
  readonly bytes: Buffer;
  readonly names: readonly number[];
  readonly uids: readonly number[];
  readonly versionAt: number;
}

function templateOf(kind: number, wasRestarted: boolean): Template {
  const size = smallest + Math.round(((largest - smallest) * kind) / (kinds - 1));
  const lastState = wasRestarted
    ? { terminated: { exitCode: 1, reason: 'Error', startedAt: old, finishedAt: old, containerID: 'containerd://0' } }
    : {};
  const pod = podOf(placeholder, size, { running: { startedAt: old } }, lastState);
  const bytes = Buffer.from(JSON.stringify(pod));
  return {
    bytes,
    names: placesOf(bytes, placeholder.name),
    uids: placesOf(bytes, placeholder.uid),
    versionAt: bytes.indexOf(placeholder.version),
  };
}

function placesOf(bytes: Buffer, text: string): readonly number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, at + 1)) places.push(at);
  return places;
}

const old = '2026-01-01T00:00:00Z';

/** With environment variables and managed fields up to the size. */
function podOf(
  { name, uid, version }: { readonly name: string; readonly uid: string; readonly version: string },
  size: number,
  state: object,
  lastState: object = {},
) {
  const many = Math.max(0, Math.round((size - 1_600) / 140));
  const env = Array.from({ length: many }, (_, at) => ({
    name: `SETTING_${at}`,
    value: `value-of-${at}-${'x'.repeat(40)}`,
  }));
  const fields = Object.fromEntries(env.map((one) => [`k:{"name":"${one.name}"}`, { '.': {}, 'f:value': {} }]));
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      name,
      generateName: 'shop-7d4b9c6f5-',
      namespace: 'shop',
      uid,
      resourceVersion: version,
      creationTimestamp: old,
      labels: { app: 'shop', 'pod-template-hash': '7d4b9c6f5' },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'shop-7d4b9c6f5', uid: 'r', controller: true },
      ],
      managedFields: [
        {
          manager: 'kubelet',
          operation: 'Update',
          apiVersion: 'v1',
          time: old,
          fieldsType: 'FieldsV1',
          fieldsV1: fields,
        },
      ],
    },
    spec: {
      nodeName: 'node-1',
      containers: [
        { name: 'app', image: 'shop:1', env, resources: { limits: { memory: '64Mi' }, requests: { memory: '64Mi' } } },
      ],
    },
    status: {
      phase: 'Running',
      qosClass: 'Burstable',
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: old }],
      containerStatuses: [
        {
          name: 'app',
          restartCount: 0,
          ready: true,
          image: 'shop:1',
          imageID: 'sha256:0',
          containerID: 'containerd://0',
          state,
          lastState,
        },
      ],
      startTime: old,
    },
  };
}
