import type { ApiServerOptions } from '../../../sandbox/kubernetes/server/api-server.ts';
import type { KubeObject } from '../../../sandbox/kubernetes/objects/object-store.ts';
import { isKubeObject, kubeObject, partOf } from './kube-object.ts';
import type { Exchange } from './transcript.ts';

export interface Seed {
  readonly resource: string;
  readonly object: KubeObject;
}

/** What was there when a transcript was recorded, as far as its covered exchanges need it. */
export interface World {
  readonly seeds: readonly Seed[];
  readonly options?: Partial<ApiServerOptions>;
  /** The least resourceVersion that the store has reached. */
  readonly version?: number;
}

const botToken = 'token-of-tr-auth-bot';

/** The token to send for a recorded `auth`; undefined for the admin. */
export function tokenFor(auth: string | undefined): string | null | undefined {
  if (auth === undefined) return undefined;
  if (auth === 'none') return null;
  return auth.includes('ServiceAccount tr-auth/bot') ? botToken : auth.replace(/^bearer /, '');
}

export function worldOf(file: string, exchanges: readonly Exchange[]): World {
  switch (file) {
    case 'list':
    case 'http':
    case 'discovery':
      return { seeds: [...namespaces('tr-list', 'tr-empty', 'tr-auth'), ...listed(exchanges), ...got(exchanges)] };
    case 'watch':
      return {
        seeds: [...namespaces('tr-list', 'tr-empty', 'tr-watch', 'tr-watch2'), ...watched(exchanges)],
        version: 2965,
      };
    case 'patch':
      return { seeds: [...namespaces('tr-patch'), ...got(exchanges).slice(0, 1)] };
    case 'resize':
      return {
        seeds: [node(), ...namespaces('tr-resize'), ...resizePods(exchanges)],
      };
    case 'objects':
      return {
        seeds: listed(exchanges.filter(({ request }) => request.path === '/api/v1/nodes')),
      };
    case 'auth':
      return { seeds: namespaces('tr-auth', 'tr-list'), options: { tokens: { [botToken]: bot } } };
    case 'evict':
      return { seeds: [...namespaces('tr-evict2'), withoutNode(exchanges)] };
    case 'logs':
      return { seeds: [...namespaces('tr-logs'), ...logPods()], options: { kubelet: recordedKubelet(exchanges) } };
    default:
      return { seeds: [] };
  }
}

const bot = {
  user: 'system:serviceaccount:tr-auth:bot',
  rules: [{ verbs: ['get', 'list', 'watch'], groups: [''], resources: ['pods'], namespaces: ['tr-auth'] }],
};

function namespaces(...names: readonly string[]): readonly Seed[] {
  const labels = (name: string): Record<string, string> => ({ 'kubernetes.io/metadata.name': name });
  return names.map((name) => ({
    resource: 'namespaces',
    object: kubeObject('Namespace', 'v1', { name, labels: labels(name) }, namespaceParts),
  }));
}

const namespaceParts = { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } };

function node(): Seed {
  const status = { allocatable: { cpu: '2', memory: '25171652608' } };
  return { resource: 'nodes', object: kubeObject('Node', 'v1', { name: 'lab-node-1' }, { spec: {}, status }) };
}

/** Objects from recorded answers to GET. */
function got(exchanges: readonly Exchange[]): readonly Seed[] {
  return exchanges.flatMap(({ request, response }) =>
    request.method === 'GET' && isKubeObject(response.body) ? seed(response.body) : [],
  );
}

/** Objects from recorded lists; their items carry neither kind nor apiVersion. */
function listed(exchanges: readonly Exchange[]): readonly Seed[] {
  return exchanges.flatMap(({ response }) => {
    const kind = partOf(response.body, 'kind');
    const items = partOf(response.body, 'items');
    if (typeof kind !== 'string' || !Array.isArray(items)) return [];
    const head = { kind: kind.replace(/List$/, ''), apiVersion: partOf(response.body, 'apiVersion') };
    return items.flatMap((item: unknown) => {
      const object = { ...head, ...(typeof item === 'object' ? item : {}) };
      return isKubeObject(object) ? seed(object) : [];
    });
  });
}

/** Objects from recorded ADDED lines. */
function watched(exchanges: readonly Exchange[]): readonly Seed[] {
  const lines = exchanges.flatMap(({ request, response }) =>
    request.path.includes('/tr-list/') ? (response.lines ?? []) : [],
  );
  return lines.flatMap((line) => {
    const object = partOf(line, 'object');
    return partOf(line, 'type') === 'ADDED' && isKubeObject(object) ? seed(object) : [];
  });
}

const resources: Readonly<Record<string, string>> = {
  Pod: 'pods',
  Event: 'events',
  Deployment: 'deployments',
  Namespace: 'namespaces',
  Node: 'nodes',
};

/** The recorder has put a remark in the place of some managedFields. */
export function seed(recorded: KubeObject): readonly Seed[] {
  const resource = resources[recorded.kind];
  const object = structuredClone(recorded);
  if (!Array.isArray(object.metadata.managedFields)) delete object.metadata.managedFields;
  return resource === undefined ? [] : [{ resource, object }];
}

const small = { limits: { memory: '16Mi' }, requests: { cpu: '5m', memory: '16Mi' } };
const guaranteed = { limits: { cpu: '10m', memory: '16Mi' }, requests: { cpu: '10m', memory: '16Mi' } };

/** Resources of the recorded pods before their first resize. */
const resourcesBefore: Readonly<Record<string, readonly unknown[]>> = {
  use: [{ limits: { memory: '64Mi' }, requests: { cpu: '5m', memory: '64Mi' } }],
  big: [small],
  guar: [guaranteed],
  be: [{}],
  nolim: [{ requests: { cpu: '5m', memory: '16Mi' } }],
  v: [small, small],
  done: [small],
  pend: [small],
};

/**
 * The pod before its first recorded change: where no answer shows it, the first answer with the resources put back, or
 * (for pods that were only ever refused) the pod `up` under another name.
 */
function resizePods(exchanges: readonly Exchange[]): readonly Seed[] {
  const pods = new Map<string, KubeObject>();
  for (const { response } of exchanges) {
    const { body } = response;
    if (isKubeObject(body) && body.kind === 'Pod' && !pods.has(body.metadata.name)) pods.set(body.metadata.name, body);
  }
  const model = [...pods.values()][0];
  const names = exchanges.flatMap(
    ({ request }) => /\/pods\/(?<name>\w+)\/resize/.exec(request.path)?.groups?.['name'] ?? [],
  );
  return [...new Set(names)].flatMap((name) => {
    const pod = structuredClone(pods.get(name) ?? model);
    if (pod === undefined || name === 'nope') return [];
    const before = resourcesBefore[name];
    if (before !== undefined) {
      pod.metadata.name = name;
      const containers = partOf(pod.spec, 'containers');
      if (Array.isArray(containers)) {
        const [first] = containers as Record<string, unknown>[];
        pod.spec = {
          ...pod.spec,
          containers: before.map((each, index) => ({
            ...((containers[index] ?? { ...first, name: 'side' }) as Record<string, unknown>),
            resources: each,
          })),
        };
      }
    }
    return seed(pod);
  });
}

/** The pod without a node, of which only the last answer tells. */
function withoutNode(exchanges: readonly Exchange[]): Seed {
  const last = exchanges.find(({ name }) => name.startsWith('delete of an unscheduled pod'))?.response.body;
  const metadata = { name: 'unsched', namespace: 'tr-evict2', generation: 1, labels: { app: 'unsched' } };
  const parts = { spec: { terminationGracePeriodSeconds: 2 }, status: { ...partsOf(last, 'status') } };
  return { resource: 'pods', object: kubeObject('Pod', 'v1', metadata, parts) };
}

function partsOf(body: unknown, key: string): object {
  const part = partOf(body, key);
  return typeof part === 'object' && part !== null ? part : {};
}

function logPods(): readonly Seed[] {
  const pod = (name: string, containers: readonly string[], parts: Record<string, unknown> = {}): Seed => ({
    resource: 'pods',
    object: kubeObject(
      'Pod',
      'v1',
      { name, namespace: 'tr-logs' },
      { spec: { containers: containers.map((each) => ({ name: each })), nodeName: 'lab-node-1', ...parts } },
    ),
  });
  const unscheduled = pod('unsched', ['app'], { nodeName: undefined });
  return [
    ...['one', 'crash', 'oom', 'oomnever', 'noimg', 'exit3', 'oomkill'].map((name) => pod(name, ['app'])),
    pod('two', ['web', 'side']),
    pod('init', ['app'], { initContainers: [{ name: 'setup' }] }),
    unscheduled,
  ];
}

/** Answers as the recorded kubelet did: the same question gets one recorded answer after the other. */
function recordedKubelet(exchanges: readonly Exchange[]): ApiServerOptions['kubelet'] {
  const unasked = [...exchanges];
  return {
    logs: ({ pod, container, previous, ...numbers }) => {
      const index = unasked.findIndex(({ request }) => {
        const { pathname, searchParams } = new URL(request.path, 'https://server');
        return (
          pathname.endsWith(`/pods/${pod}/log`) &&
          (searchParams.get('container') ?? container) === container &&
          (searchParams.get('previous') === 'true') === previous &&
          ['tailLines', 'limitBytes'].every(
            (key) => (searchParams.get(key) ?? undefined) === (partOf(numbers, key) as number | undefined)?.toString(),
          )
        );
      });
      const { status = 200, body } = unasked[index]?.response ?? {};
      if (index >= 0) unasked.splice(index, 1);
      const text = typeof body === 'string' ? body : '';
      const message = status < 400 ? text : String(partOf(JSON.parse(text), 'message'));
      return { status, body: message };
    },
  };
}
