/** Plural resource names of the kinds that the pretend cluster is made of. */
const resources: Readonly<Record<string, string>> = {
  Pod: 'pods',
  ReplicaSet: 'replicasets',
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
  Job: 'jobs',
  CronJob: 'cronjobs',
  Namespace: 'namespaces',
  Service: 'services',
  EndpointSlice: 'endpointslices',
  PriorityClass: 'priorityclasses',
  Event: 'events',
  ResourceQuota: 'resourcequotas',
  LimitRange: 'limitranges',
};

/** Throws on a kind that the pretend cluster does not have. */
export function resourceOf(kind: string): string {
  const resource = resourceIfKnown(kind);
  if (resource === undefined)
    throw new Error(`the pretend cluster has no ${kind}; it has ${Object.keys(resources).join(', ')}`);
  return resource;
}

export function resourceIfKnown(kind: string): string | undefined {
  return resources[kind];
}
