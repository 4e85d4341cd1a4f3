/** What Kubernetes calls the kind of access, as in RBAC rules. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

export interface ApiResource {
  readonly group: string;
  readonly version: string;
  /** Plural, as in paths. */
  readonly name: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
  /** Covered verbs by subresource. */
  readonly subresources: Readonly<Record<string, readonly Verb[]>>;
}

const read: readonly Verb[] = ['get', 'list', 'watch'];
const all: readonly Verb[] = [...read, 'create', 'patch', 'delete'];
const replaceable: readonly Verb[] = [...all, 'update'];
const made: readonly Verb[] = [...read, 'create', 'delete'];

function covered(
  groupVersion: string,
  name: string,
  kind: string,
  verbs: readonly Verb[],
  options: { readonly namespaced?: boolean; readonly subresources?: Readonly<Record<string, readonly Verb[]>> } = {},
): ApiResource {
  const [version = '', group = ''] = groupVersion.split('/').toReversed();
  const { namespaced = true, subresources = {} } = options;
  return { group, version, name, singular: kind.toLowerCase(), kind, namespaced, verbs, subresources };
}

/** The resource metrics API, which an aggregated server answers and which a cluster may lack. */
export const metricsGroup = 'metrics.k8s.io';
const metricsGroupVersion = `${metricsGroup}/v1beta1`;

/** Everything that the API server simulator answers; routing, discovery and the 501s all follow from this table. */
export const coveredResources: readonly ApiResource[] = [
  covered('v1', 'pods', 'Pod', all, { subresources: { log: ['get'], resize: ['patch'], eviction: ['create'] } }),
  covered('v1', 'events', 'Event', all),
  covered('v1', 'nodes', 'Node', read, { namespaced: false }),
  covered('v1', 'namespaces', 'Namespace', [...read, 'create', 'delete'], { namespaced: false }),
  covered('v1', 'services', 'Service', all),
  covered('v1', 'configmaps', 'ConfigMap', replaceable),
  covered('v1', 'resourcequotas', 'ResourceQuota', made),
  covered('v1', 'limitranges', 'LimitRange', made),
  covered('apps/v1', 'deployments', 'Deployment', replaceable),
  covered('apps/v1', 'replicasets', 'ReplicaSet', all),
  covered('apps/v1', 'statefulsets', 'StatefulSet', replaceable),
  covered('apps/v1', 'daemonsets', 'DaemonSet', replaceable),
  covered('apps/v1', 'controllerrevisions', 'ControllerRevision', read),
  covered('batch/v1', 'jobs', 'Job', replaceable),
  covered('batch/v1', 'cronjobs', 'CronJob', replaceable),
  covered('policy/v1', 'poddisruptionbudgets', 'PodDisruptionBudget', made),
  covered('autoscaling/v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler', made),
  covered(metricsGroupVersion, 'pods', 'PodMetrics', ['get', 'list']),
  covered(metricsGroupVersion, 'nodes', 'NodeMetrics', ['get', 'list'], { namespaced: false }),
  covered('authorization.k8s.io/v1', 'subjectaccessreviews', 'SubjectAccessReview', ['create'], {
    namespaced: false,
  }),
  covered('authorization.k8s.io/v1', 'selfsubjectaccessreviews', 'SelfSubjectAccessReview', ['create'], {
    namespaced: false,
  }),
  covered('authorization.k8s.io/v1', 'selfsubjectrulesreviews', 'SelfSubjectRulesReview', ['create'], {
    namespaced: false,
  }),
];

/** Paths beside the resources. */
export const coveredPaths: readonly string[] = ['/version', '/api', '/apis', '/healthz', '/livez', '/readyz'];

/** Resources that a real API server has in the covered group versions and this one does not: 501, never a false 404. */
export const uncoveredResources: Readonly<Record<string, readonly string[]>> = {
  v1: [
    'bindings',
    'componentstatuses',
    'endpoints',
    'persistentvolumeclaims',
    'persistentvolumes',
    'podtemplates',
    'replicationcontrollers',
    'secrets',
    'serviceaccounts',
    'watch',
  ],
  'authorization.k8s.io/v1': ['localsubjectaccessreviews'],
};

/** Subresources that some resource of a real API server has: 501 where they are not covered. Any other is a 404. */
export const realSubresources: ReadonlySet<string> = new Set([
  'approval',
  'attach',
  'binding',
  'ephemeralcontainers',
  'eviction',
  'exec',
  'finalize',
  'log',
  'portforward',
  'proxy',
  'resize',
  'scale',
  'status',
  'token',
]);

/** Groups that every API server has and this one does not: 501. Any other group is a 404, as without its CRDs. */
export const uncoveredGroups: ReadonlySet<string> = new Set([
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'authentication.k8s.io',
  'autoscaling',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'networking.k8s.io',
  'node.k8s.io',
  'rbac.authorization.k8s.io',
  'resource.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
]);

/** `v1`, `apps/v1`. */
export function groupVersionOf(resource: Pick<ApiResource, 'group' | 'version'>): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** The table as lines: `list pods`, `patch pods/resize`, `create subjectaccessreviews.authorization.k8s.io`. */
export function coverageLines(): readonly string[] {
  return coveredResources.flatMap((resource) => {
    const suffix = resource.group === '' ? '' : `.${resource.group}`;
    const own = resource.verbs.map((verb) => `${verb} ${resource.name}${suffix}`);
    const sub = Object.entries(resource.subresources).flatMap(([name, verbs]) =>
      verbs.map((verb) => `${verb} ${resource.name}/${name}${suffix}`),
    );
    return [...own, ...sub];
  });
}
