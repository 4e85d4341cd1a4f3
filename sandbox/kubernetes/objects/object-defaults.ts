import { isObject, objectsOf, textOf } from './json-value.ts';
import { copyOf } from './object-copy.ts';
import type { JsonObject, NewObject } from './object-store.ts';
import { defaultRequests, podSpecIn, qosClassOf } from './pod-spec.ts';

const surge = { maxUnavailable: '25%', maxSurge: '25%' };

/** Defaults of a spec by resource, as recorded for minimal objects. */
const specDefaults: Readonly<Record<string, JsonObject>> = {
  deployments: {
    replicas: 1,
    strategy: { type: 'RollingUpdate', rollingUpdate: surge },
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
  },
  replicasets: { replicas: 1 },
  statefulsets: {
    replicas: 1,
    serviceName: '',
    podManagementPolicy: 'OrderedReady',
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
    revisionHistoryLimit: 10,
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
  },
  daemonsets: {
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
    revisionHistoryLimit: 10,
  },
  jobs: {
    parallelism: 1,
    completions: 1,
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    manualSelector: false,
    suspend: false,
    podReplacementPolicy: 'TerminatingOrFailed',
  },
  cronjobs: { concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 },
  namespaces: { finalizers: ['kubernetes'] },
};

const statusDefaults: Readonly<Record<string, JsonObject>> = {
  deployments: {},
  replicasets: { replicas: 0 },
  statefulsets: { replicas: 0, availableReplicas: 0 },
  daemonsets: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
  jobs: {},
  cronjobs: {},
  services: { loadBalancer: {} },
  namespaces: { phase: 'Active' },
};

const podSpecDefaults: JsonObject = {
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
  dnsPolicy: 'ClusterFirst',
  securityContext: {},
  schedulerName: 'default-scheduler',
};

const podOnlyDefaults: JsonObject = {
  serviceAccountName: 'default',
  serviceAccount: 'default',
  tolerations: ['not-ready', 'unreachable'].map((condition) => ({
    key: `node.kubernetes.io/${condition}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 300,
  })),
  priority: 0,
  enableServiceLinks: true,
  preemptionPolicy: 'PreemptLowerPriority',
};

/** A new object with what a real API server would fill in; its status is the empty one. */
export function withDefaults(resource: string, object: NewObject): NewObject {
  const copy = copyOf(object);
  const defaults = specDefaults[resource];
  if (defaults !== undefined) copy['spec'] = fill(isObject(copy['spec']) ? copy['spec'] : {}, defaults);
  const pod = podSpecIn(resource, copy);
  if (pod !== undefined) defaultPodSpec(pod.spec, resource === 'pods');
  if (resource === 'pods' && pod !== undefined) {
    copy['status'] = { phase: 'Pending', qosClass: qosClassOf(pod.spec) };
  } else if (statusDefaults[resource] !== undefined) {
    copy['status'] = copyOf(statusDefaults[resource]);
  }
  return copy;
}

function defaultPodSpec(spec: JsonObject, isPod: boolean): void {
  for (const container of [spec['initContainers'], spec['containers']].flatMap(objectsOf)) {
    const image = textOf(container['image']) ?? '';
    const floating = !/:[^/]+$/.test(image) || image.endsWith(':latest');
    fill(container, {
      resources: {},
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
      imagePullPolicy: floating ? 'Always' : 'IfNotPresent',
    });
  }
  fill(spec, podSpecDefaults);
  if (!isPod) return;
  fill(spec, podOnlyDefaults);
  defaultRequests(spec);
}

function fill(target: JsonObject, defaults: JsonObject): JsonObject {
  for (const [key, value] of Object.entries(defaults)) target[key] ??= copyOf(value);
  return target;
}
