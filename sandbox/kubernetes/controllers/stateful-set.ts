import {
  createPodFor,
  deletePod,
  isReady,
  isTerminating,
  numberAt,
  ownedBy,
  writeStatus,
  type Reconcile,
} from './context.ts';
import { podFromTemplate, templateHash, templateOf } from './template.ts';

const revisionLabel = 'controller-revision-hash';

/** OrderedReady: one pod after the other from 0 upwards; a new template replaces them from the highest downwards. */
export const reconcileStatefulSet: Reconcile = (context, set) => {
  const { store, random } = context;
  const { name } = set.metadata;
  const wanted = numberAt(set.spec, 'replicas', 1);
  const template = templateOf(set);
  const revision = `${name}-${templateHash(template)}`;
  const events = context.events('statefulset-controller');
  const pods = new Map(ownedBy(store, 'pods', set).map((pod) => [pod.metadata.name, pod]));

  for (let ordinal = 0; ordinal < wanted; ordinal += 1) {
    const podName = `${name}-${ordinal}`;
    const pod = pods.get(podName);
    if (pod === undefined) {
      const labels = {
        'apps.kubernetes.io/pod-index': String(ordinal),
        [revisionLabel]: revision,
        'statefulset.kubernetes.io/pod-name': podName,
      };
      const spec = { hostname: podName, subdomain: set.spec?.['serviceName'] ?? name };
      const created = `Create Pod ${podName} in StatefulSet ${name} successful`;
      const by = { component: 'statefulset-controller', created };
      const identity = { name: podName, generateName: `${name}-`, labels, spec };
      createPodFor(context, set, podFromTemplate(template, set, identity, random), by);
      break;
    }
    if (!isReady(pod) || isTerminating(pod)) break;
  }

  const live = ownedBy(store, 'pods', set).toSorted((a, b) => ordinalOf(b.metadata.name) - ordinalOf(a.metadata.name));
  const settled = live.every((pod) => isReady(pod) && !isTerminating(pod));
  const outdated = live.filter(({ metadata }) => metadata.labels?.[revisionLabel] !== revision);
  // A broken pod of an old revision is replaced at once: it would never become ready.
  const next = settled ? outdated[0] : outdated.find((pod) => !isReady(pod) && !isTerminating(pod));
  if (next !== undefined) {
    deletePod(context, next);
    const message = `Delete Pod ${next.metadata.name} in StatefulSet ${name} successful`;
    events.record({ about: set, type: 'Normal', reason: 'SuccessfulDelete', message });
  }

  const ready = live.filter(isReady).length;
  const current = outdated.length === 0 ? revision : (outdated[0]?.metadata.labels?.[revisionLabel] ?? revision);
  writeStatus(store, 'statefulsets', set, {
    observedGeneration: set.metadata.generation,
    replicas: live.length,
    readyReplicas: ready || undefined,
    currentReplicas: live.filter(({ metadata }) => metadata.labels?.[revisionLabel] === current).length || undefined,
    updatedReplicas: live.length - outdated.length || undefined,
    currentRevision: current,
    updateRevision: revision,
    collisionCount: 0,
    availableReplicas: ready,
  });
};

function ordinalOf(podName: string): number {
  return Number(podName.slice(podName.lastIndexOf('-') + 1));
}
