import type { Trigger } from '../../../core/kill/trigger.ts';
import type { SpanAttributes } from '../../../core/trace.ts';

/** Workloads that the semantic conventions have a name for. */
const nameOfKind: Readonly<Record<string, string>> = {
  Deployment: 'k8s.deployment.name',
  StatefulSet: 'k8s.statefulset.name',
  DaemonSet: 'k8s.daemonset.name',
  ReplicaSet: 'k8s.replicaset.name',
  Job: 'k8s.job.name',
  CronJob: 'k8s.cronjob.name',
};

/** What a kill or a warning is about, by OpenTelemetry's semantic conventions for Kubernetes. */
export function triggerAttributes({ subject, pod, podUid, node, kind, restartCount }: Trigger): SpanAttributes {
  const { cluster, namespace, workload, container } = subject;
  const workloadKey = nameOfKind[workload.kind];
  return {
    'k8s.cluster.name': cluster,
    ...(namespace === null ? {} : { 'k8s.namespace.name': namespace }),
    ...(namespace === null ? {} : { 'k8s.pod.name': pod, 'k8s.pod.uid': podUid }),
    ...(workloadKey === undefined ? {} : { [workloadKey]: workload.name }),
    ...(container === null ? {} : { 'k8s.container.name': container, 'k8s.container.restart_count': restartCount }),
    ...(node === null ? {} : { 'k8s.node.name': node }),
    'oomkeeper.kind': kind,
  };
}
