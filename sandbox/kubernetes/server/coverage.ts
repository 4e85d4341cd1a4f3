/** What Kubernetes calls the kind of access, as in RBAC rules. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

export interface ApiResource {
  readonly group: string;
  readonly version: string;
  /** Plural, as in paths. */
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
  /** Covered verbs by subresource. */
  readonly subresources: Readonly<Record<string, readonly Verb[]>>;
}

function covered(
  groupVersion: string,
  name: string,
  kind: string,
  verbs: readonly Verb[],
  { namespaced = true, subresources = {} }: Partial<Pick<ApiResource, 'namespaced' | 'subresources'>> = {},
): ApiResource {
  const [version = '', group = ''] = groupVersion.split('/').toReversed();
  return { group, version, name, kind, namespaced, verbs, subresources };
}

/** The resource metrics API, which an aggregated server answers and which a cluster may lack. */
export const metricsGroup = 'metrics.k8s.io';

/**
 * Everything that the API server simulator answers, which is what Oomkeeper asks; routing, discovery and the 501s follow
 * from this table.
 */
export const coveredResources: readonly ApiResource[] = [
  covered('v1', 'pods', 'Pod', ['get', 'list', 'watch', 'create', 'patch', 'delete'], {
    subresources: { log: ['get'], resize: ['patch'] },
  }),
  covered('v1', 'events', 'Event', ['list', 'watch']),
  covered('v1', 'nodes', 'Node', ['get', 'list', 'watch'], { namespaced: false }),
  covered('v1', 'namespaces', 'Namespace', ['list'], { namespaced: false }),
  covered('v1', 'services', 'Service', ['list']),
  covered('discovery.k8s.io/v1', 'endpointslices', 'EndpointSlice', ['list']),
  covered('v1', 'resourcequotas', 'ResourceQuota', ['list']),
  covered('v1', 'limitranges', 'LimitRange', ['list']),
  covered('autoscaling/v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler', ['list']),
  covered('autoscaling.k8s.io/v1', 'verticalpodautoscalers', 'VerticalPodAutoscaler', ['list']),
  covered('keda.sh/v1alpha1', 'scaledobjects', 'ScaledObject', ['list']),
  covered('apps/v1', 'deployments', 'Deployment', ['get', 'list', 'patch']),
  covered('apps/v1', 'replicasets', 'ReplicaSet', ['get', 'list', 'patch']),
  covered('apps/v1', 'statefulsets', 'StatefulSet', ['get', 'list', 'patch']),
  covered('apps/v1', 'daemonsets', 'DaemonSet', ['get', 'list', 'patch']),
  covered('batch/v1', 'jobs', 'Job', ['get']),
  covered('batch/v1', 'cronjobs', 'CronJob', ['get', 'list', 'patch']),
  covered(`${metricsGroup}/v1beta1`, 'pods', 'PodMetrics', ['list']),
  covered('authorization.k8s.io/v1', 'selfsubjectaccessreviews', 'SelfSubjectAccessReview', ['create'], {
    namespaced: false,
  }),
];

/** `v1`, `apps/v1`. */
export function groupVersionOf(resource: Pick<ApiResource, 'group' | 'version'>): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}
