import { numberAt, ownedBy, writeStatus, type ControllerContext, type Reconcile } from './context.ts';
import { ownerReference, templateHash, templateOf } from './template.ts';
import { objectsOf } from '../objects/json-value.ts';
import { wholeSeconds } from '../kubelet/run.ts';
import type { JsonObject, KubeObject } from '../objects/object-store.ts';

const revisionKey = 'deployment.kubernetes.io/revision';
/** Revisions that a ReplicaSet had before its template was used again. */
const historyKey = 'deployment.kubernetes.io/revision-history';
const notCopied = new Set([revisionKey, historyKey, 'kubectl.kubernetes.io/last-applied-configuration']);

/**
 * One ReplicaSet per template. A new template makes a new one (an old template: its old one again, with a new
 * revision), which grows by the surge while the others shrink as far as readiness allows.
 */
export const reconcileDeployment: Reconcile = (context, deployment) => {
  const { store } = context;
  const wanted = numberAt(deployment.spec, 'replicas', 1);
  const hash = templateHash(templateOf(deployment));
  const sets = ownedBy(store, 'replicasets', deployment);
  const known = sets.find(({ metadata }) => metadata.labels?.['pod-template-hash'] === hash);
  const revision = revisionFor(sets, known);
  claimRevision(context, deployment, known, revision, wanted);
  const current =
    known ?? createReplicaSet(context, deployment, hash, revision, Math.min(wanted, roomFor(sets, wanted)));
  roll(context, deployment, current, wanted);
  report(context, deployment, hash, wanted);
};

function revisionOf({ metadata }: KubeObject): number {
  return Number(metadata.annotations?.[revisionKey] ?? 0);
}

function revisionFor(sets: readonly KubeObject[], known: KubeObject | undefined): number {
  const newest = Math.max(0, ...sets.map(revisionOf));
  return known !== undefined && revisionOf(known) === newest ? newest : newest + 1;
}

function claimRevision(
  { store }: ControllerContext,
  deployment: KubeObject,
  known: KubeObject | undefined,
  revision: number,
  wanted: number,
): void {
  const annotate = (resource: string, { metadata }: KubeObject, annotations: Record<string, string>): void => {
    store.write(resource, metadata.namespace, metadata.name, (draft) => {
      draft.metadata.annotations = { ...draft.metadata.annotations, ...annotations };
    });
  };
  annotate('deployments', deployment, { [revisionKey]: String(revision) });
  if (known === undefined) return;
  const before = revisionOf(known);
  const history = [known.metadata.annotations?.[historyKey], before === revision ? undefined : String(before)];
  const past = history.filter((each) => each !== undefined).join(',');
  annotate('replicasets', known, {
    ...setAnnotations(deployment, revision, wanted),
    ...(past === '' ? {} : { [historyKey]: past }),
  });
}

/** A ReplicaSet carries its Deployment's annotations, and how many pods that wants and may have. */
function setAnnotations(deployment: KubeObject, revision: number, wanted: number): Record<string, string> {
  const own = Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !notCopied.has(key));
  return {
    ...Object.fromEntries(own),
    'deployment.kubernetes.io/desired-replicas': String(wanted),
    'deployment.kubernetes.io/max-replicas': String(wanted + limits(wanted).surge),
    [revisionKey]: String(revision),
  };
}

/** Pods that the strategy lets exist beside the old ones. */
function roomFor(sets: readonly KubeObject[], wanted: number): number {
  const others = sets.reduce((sum, { spec }) => sum + numberAt(spec, 'replicas', 0), 0);
  return Math.max(0, wanted + limits(wanted).surge - others);
}

/** Of a rolling update as everybody has it: a quarter of the pods more, and a quarter fewer. */
function limits(wanted: number): { readonly surge: number; readonly unavailable: number } {
  return { surge: Math.ceil(wanted / 4), unavailable: Math.floor(wanted / 4) };
}

function createReplicaSet(
  { store, events }: ControllerContext,
  deployment: KubeObject,
  hash: string,
  revision: number,
  replicas: number,
): KubeObject {
  const { namespace, name } = deployment.metadata;
  const template = templateOf(deployment);
  const labels = { ...template.metadata.labels, 'pod-template-hash': hash };
  const created = store.create('replicasets', {
    kind: 'ReplicaSet',
    apiVersion: 'apps/v1',
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      annotations: setAnnotations(deployment, revision, numberAt(deployment.spec, 'replicas', 1)),
      ownerReferences: [ownerReference(deployment)],
    },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
    status: { replicas: 0 },
  });
  const message = `Scaled up replica set ${created.metadata.name} from 0 to ${replicas}`;
  events('deployment-controller').record({ about: deployment, type: 'Normal', reason: 'ScalingReplicaSet', message });
  return created;
}

function roll(context: ControllerContext, deployment: KubeObject, current: KubeObject, wanted: number): void {
  const { store } = context;
  const { surge, unavailable } = limits(wanted);
  const sets = ownedBy(store, 'replicasets', deployment);
  const others = sets.filter(({ metadata }) => metadata.uid !== current.metadata.uid);
  const replicas = (set: KubeObject): number => numberAt(set.spec, 'replicas', 0);
  const total = sets.reduce((sum, set) => sum + replicas(set), 0);
  const now = store.get('replicasets', current.metadata.namespace, current.metadata.name) ?? current;
  const grown = Math.min(wanted, replicas(now) + Math.max(0, wanted + surge - total));
  if (replicas(now) > wanted) scale(context, deployment, now, wanted);
  else if (grown > replicas(now)) scale(context, deployment, now, grown);

  const available = (set: KubeObject): number => numberAt(set.status, 'availableReplicas', 0);
  const least = wanted - unavailable;
  // Broken old pods may go first, as many as the new ones that are not up yet leave room for.
  let cleanup = total - least - Math.max(0, replicas(now) - available(now));
  let spare = sets.reduce((sum, set) => sum + available(set), 0) - least;
  if (cleanup <= 0) return;
  for (const set of others) {
    const broken = Math.min(cleanup, Math.max(0, replicas(set) - available(set)));
    const healthy = Math.min(replicas(set) - broken, Math.max(0, spare));
    cleanup -= broken;
    spare -= healthy;
    if (broken + healthy > 0) scale(context, deployment, set, replicas(set) - broken - healthy);
  }
}

function scale({ store, events }: ControllerContext, deployment: KubeObject, set: KubeObject, replicas: number): void {
  const from = numberAt(set.spec, 'replicas', 0);
  store.write('replicasets', set.metadata.namespace, set.metadata.name, (draft) => {
    draft.spec = { ...draft.spec, replicas };
  });
  const message = `Scaled ${replicas > from ? 'up' : 'down'} replica set ${set.metadata.name} from ${from} to ${replicas}`;
  events('deployment-controller').record({ about: deployment, type: 'Normal', reason: 'ScalingReplicaSet', message });
}

function report(context: ControllerContext, deployment: KubeObject, hash: string, wanted: number): void {
  const { store, clock } = context;
  const sets = ownedBy(store, 'replicasets', deployment);
  const current = sets.find(({ metadata }) => metadata.labels?.['pod-template-hash'] === hash);
  const sum = (key: string): number => sets.reduce((total, { status }) => total + numberAt(status, key, 0), 0);
  const updated = numberAt(current?.status, 'replicas', 0);
  const available = sum('availableReplicas');
  const finished = updated >= wanted && available >= wanted && sum('replicas') === updated;
  const set = current?.metadata.name ?? '';
  const progress = finished
    ? { status: 'True', reason: 'NewReplicaSetAvailable', message: `ReplicaSet "${set}" has successfully progressed.` }
    : { status: 'True', reason: 'ReplicaSetUpdated', message: `ReplicaSet "${set}" is progressing.` };
  const enough = available >= wanted - limits(wanted).unavailable;
  const availability = enough
    ? { status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' }
    : {
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
  const asked = sets.reduce((total, { spec }) => total + numberAt(spec, 'replicas', 0), 0);
  const missing = Math.max(0, asked - available);
  writeStatus(store, 'deployments', deployment, {
    observedGeneration: deployment.metadata.generation,
    replicas: sum('replicas') || undefined,
    updatedReplicas: updated || undefined,
    readyReplicas: sum('readyReplicas') || undefined,
    availableReplicas: available || undefined,
    unavailableReplicas: missing || undefined,
    terminatingReplicas: sum('terminatingReplicas'),
    conditions: [
      kept(deployment, 'Available', availability, wholeSeconds(clock.now())),
      kept(deployment, 'Progressing', progress, wholeSeconds(clock.now())),
    ],
  });
}

interface ConditionText {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** The condition with its times: they move only when what they date has changed. */
function kept(deployment: KubeObject, type: string, text: ConditionText, now: string): JsonObject {
  const before = objectsOf(deployment.status?.['conditions']).find((each) => each['type'] === type);
  const same = before?.['reason'] === text.reason && before['message'] === text.message;
  return {
    type,
    status: text.status,
    lastUpdateTime: same ? before['lastUpdateTime'] : now,
    lastTransitionTime: before?.['status'] === text.status ? before['lastTransitionTime'] : now,
    reason: text.reason,
    message: text.message,
  };
}
