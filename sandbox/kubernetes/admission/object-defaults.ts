import { isDeepStrictEqual } from 'node:util';

import type { ApiResource } from '../server/coverage.ts';
import { isObject, objectOf, objectsOf, textOf } from '../objects/json-value.ts';
import { copyOf } from '../objects/object-copy.ts';
import type { JsonObject, KubeObject } from '../objects/object-store.ts';
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
};

const statusDefaults: Readonly<Record<string, JsonObject>> = {
  deployments: {},
  replicasets: { replicas: 0 },
  statefulsets: { replicas: 0, availableReplicas: 0 },
  daemonsets: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
  jobs: {},
  cronjobs: {},
  services: { loadBalancer: {} },
  resourcequotas: {},
  poddisruptionbudgets: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
  horizontalpodautoscalers: { desiredReplicas: 0, currentMetrics: null },
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

/** Fills in what a real API server would, in place; the status of a new object is always the empty one. */
export function applyDefaults(resource: ApiResource, object: JsonObject): void {
  const spec = isObject(object['spec']) ? object['spec'] : undefined;
  if (spec !== undefined) fill(spec, specDefaults[resource.name] ?? {});
  const pod = podSpecIn(resource, object);
  if (pod !== undefined) defaultPodSpec(pod.spec, resource.name === 'pods');
  if (resource.name === 'namespaces') object['spec'] = { finalizers: ['kubernetes'] };
  if (resource.name === 'pods' && pod !== undefined) {
    object['status'] = { phase: 'Pending', qosClass: qosClassOf(pod.spec) };
  } else if (statusDefaults[resource.name] !== undefined) {
    object['status'] = copyOf(statusDefaults[resource.name]);
  }
  if (resource.name === 'limitranges' && spec !== undefined) objectsOf(spec['limits']).forEach(defaultBounds);
  if (resource.name === 'events') {
    const { source, firstTimestamp, lastTimestamp, eventTime, type } = object;
    object['source'] = source ?? {};
    object['firstTimestamp'] = firstTimestamp ?? null;
    object['lastTimestamp'] = lastTimestamp ?? null;
    if (type !== undefined) object['type'] = type;
    object['eventTime'] = eventTime ?? null;
    object['reportingComponent'] ??= '';
    object['reportingInstance'] ??= '';
  }
}

const templateNumber = 'deprecated.daemonset.template.generation';

/** The number of a DaemonSet's template, which old clients still read; `before` is undefined for a new one. */
export function numberTemplate(before: KubeObject | undefined, after: KubeObject): void {
  const known = before?.metadata.annotations?.[templateNumber];
  const isSame = isDeepStrictEqual(before?.spec?.['template'], after.spec?.['template']);
  const number = known === undefined ? '1' : isSame ? known : String(Number(known) + 1);
  after.metadata.annotations = { ...after.metadata.annotations, [templateNumber]: number };
}

/** Gives a new Job the selector and labels that are generated from its uid, in place. */
export function claimJobPods(job: KubeObject): void {
  const { uid, name } = job.metadata;
  const selector = { 'batch.kubernetes.io/controller-uid': uid };
  const labels = { ...selector, 'batch.kubernetes.io/job-name': name, 'controller-uid': uid, 'job-name': name };
  const { metadata, ...template } = objectOf(job.spec?.['template']);
  const own = objectOf(metadata);
  job.metadata.labels = { ...job.metadata.labels, ...labels };
  job.spec = {
    ...job.spec,
    selector: { matchLabels: selector },
    template: { ...template, metadata: { ...own, labels: { ...objectOf(own['labels']), ...labels } } },
  };
}

/** Fields that a Go struct leaves out where they hold their zero. */
const leftOutZeros: Readonly<Record<string, JsonObject>> = {
  deployments: { paused: false, minReadySeconds: 0 },
  statefulsets: { minReadySeconds: 0 },
  daemonsets: { minReadySeconds: 0 },
};

export function leaveOutZeros(resource: ApiResource, object: JsonObject): void {
  const spec = objectOf(object['spec']);
  for (const [key, zero] of Object.entries(leftOutZeros[resource.name] ?? {})) {
    if (spec[key] === zero) delete spec[key];
  }
}

/** Containers get their largest size where nobody says what they get, and ask for what they get. */
function defaultBounds(item: JsonObject): void {
  if (item['type'] !== 'Container') return;
  const { min, max } = item;
  const limits = { ...objectOf(max), ...objectOf(item['default']) };
  const requests = { ...objectOf(min), ...limits, ...objectOf(item['defaultRequest']) };
  if (Object.keys(limits).length > 0) item['default'] = limits;
  if (Object.keys(requests).length > 0) item['defaultRequest'] = requests;
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

function fill(target: JsonObject, defaults: JsonObject): void {
  for (const [key, value] of Object.entries(defaults)) target[key] ??= copyOf(value);
}
