/** One right, as RBAC has it. `resource` may have a subresource: `pods/resize`. */
export interface Right {
  readonly process: 'watcher' | 'worker';
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  /** Whether it is needed only in the namespaces that are watched. */
  readonly namespaced: boolean;
  /** Without it: `must` nothing works, `should` evidence is missing, `act` approved changes fail. */
  readonly need: 'must' | 'should' | 'act';
  readonly why: string;
}

/** Resources without a namespace, or read in all namespaces. */
const everywhere = ['nodes', 'nodes/metrics', 'namespaces', 'services'];

function rights(
  process: Right['process'],
  need: Right['need'],
  rows: readonly (readonly [string, string, string, string])[],
): Right[] {
  return rows.flatMap(([verbs, group, resource, why]) =>
    verbs.split(' ').map((verb) => ({
      process,
      verb,
      group,
      resource,
      namespaced: !everywhere.includes(resource),
      need,
      why,
    })),
  );
}

/** Every right that the processes need, and what for. The manifests in deploy/kubernetes grant these and no others. */
export const usedRights: readonly Right[] = [
  ...rights('watcher', 'must', [
    ['list watch', '', 'pods', 'to see kills'],
    ['list watch', '', 'events', 'to explain exits that are no kills'],
  ]),
  ...rights('watcher', 'should', [['list watch', '', 'nodes', 'to see that a node is short of memory']]),
  ...rights('worker', 'must', [
    ['get list', '', 'pods', 'to look at what was killed'],
    ['get list', 'apps', 'replicasets', 'to tell revisions apart'],
    ['get', 'apps', 'deployments', 'to read the pod template'],
    ['get', 'apps', 'statefulsets', 'to read the pod template'],
    ['get', 'apps', 'daemonsets', 'to read the pod template'],
    ['get', 'batch', 'jobs', 'to read the pod template'],
    ['get', 'batch', 'cronjobs', 'to read the pod template'],
  ]),
  ...rights('worker', 'should', [
    ['get', '', 'pods/log', 'to read the log of the killed run'],
    ['get', '', 'nodes', 'to know what fits on the node'],
    ['list', '', 'namespaces', 'to suggest the right name for a typo'],
    ['list', '', 'services', 'to find a Prometheus'],
    ['list', 'discovery.k8s.io', 'endpointslices', 'to know whether a Service has no endpoint left'],
    ['list', '', 'resourcequotas', 'to know what fits into the quota'],
    ['list', '', 'limitranges', 'to know what a container may have'],
    [
      'list',
      'autoscaling',
      'horizontalpodautoscalers',
      'to know what a higher request does to the number of pods, and by what load it goes',
    ],
    ['list', 'autoscaling.k8s.io', 'verticalpodautoscalers', 'to know whether something else sets the memory of pods'],
    ['list', 'keda.sh', 'scaledobjects', 'to know whether KEDA scales by memory, or by what load'],
    ['list', 'metrics.k8s.io', 'pods', 'to have usage without a Prometheus'],
  ]),
  ...rights('worker', 'act', [
    ['patch', '', 'pods/resize', 'to resize in place'],
    ['patch', 'apps', 'deployments', 'to change the template'],
    ['patch', 'apps', 'statefulsets', 'to change the template'],
    ['patch', 'apps', 'daemonsets', 'to change the template'],
    ['patch', 'batch', 'cronjobs', 'to change the template'],
  ]),
];

/** What the worker needs beside those where OOMKEEPER_KUBELET_METRICS is on: components/kubelet-metrics grants it. */
export const kubeletRights: readonly Right[] = rights('worker', 'should', [
  ['list', '', 'nodes', 'to find the kubelets'],
  ['get', '', 'nodes/metrics', 'to count OOM kills at each kubelet'],
]);
