import {
  deletePod,
  isOver,
  isReady,
  isTerminating,
  numberAt,
  ownedBy,
  writeStatus,
  type ControllerContext,
  type Reconcile,
} from './context.ts';
import { createPodFor } from './create-pod.ts';
import { podFromTemplate, suffix, templateOf } from './template.ts';
import { objectsOf } from '../objects/json-value.ts';
import { wholeSeconds } from '../kubelet/run.ts';
import type { JsonObject, KubeObject } from '../objects/object-store.ts';

/** As many live pods as asked for; the not ready and the newest go first. */
export const reconcileReplicaSet: Reconcile = (context, replicaSet) => {
  const { store, random } = context;
  const events = context.events('replicaset-controller');
  const wanted = numberAt(replicaSet.spec, 'replicas', 1);
  const all = ownedBy(store, 'pods', replicaSet);
  const live = all.filter((pod) => !isTerminating(pod) && !isOver(pod));

  let refusal: string | undefined;
  for (let missing = wanted - live.length; missing > 0; missing -= 1) {
    const generateName = `${replicaSet.metadata.name}-`;
    const name = `${generateName}${suffix(random)}`;
    const pod = podFromTemplate(templateOf(replicaSet), replicaSet, { name, generateName }, random);
    const by = { resource: 'replicasets', component: 'replicaset-controller', created: `Created pod: ${name}` };
    refusal = createPodFor(context, replicaSet, pod, by);
    if (refusal !== undefined) break;
  }
  const first = live.toSorted(
    (a, b) =>
      Number(isReady(a)) - Number(isReady(b)) || (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? 1 : -1),
  );
  for (const pod of first.slice(0, Math.max(0, live.length - wanted))) {
    const { name } = pod.metadata;
    deletePod(context, pod);
    events.record({ about: replicaSet, type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${name}` });
  }

  const now = ownedBy(store, 'pods', replicaSet);
  const counted = now.filter((pod) => !isTerminating(pod) && !isOver(pod));
  const ready = counted.filter(isReady).length;
  writeStatus(store, 'replicasets', replicaSet, {
    replicas: counted.length,
    fullyLabeledReplicas: counted.length === 0 ? undefined : counted.length,
    readyReplicas: ready === 0 ? undefined : ready,
    availableReplicas: ready === 0 ? undefined : ready,
    terminatingReplicas: now.filter(isTerminating).length,
    observedGeneration: replicaSet.metadata.generation,
    conditions: refusal === undefined ? undefined : [failure(context, replicaSet, refusal)],
  });
};

/** Dated by the first refusal in a row; its message stays, too, since each try has another pod name. */
function failure({ clock }: ControllerContext, { status }: KubeObject, message: string): JsonObject {
  const before = objectsOf(status?.['conditions']).find(({ type }) => type === 'ReplicaFailure');
  if (before !== undefined) return before;
  const lastTransitionTime = wholeSeconds(clock.now());
  return { type: 'ReplicaFailure', status: 'True', lastTransitionTime, reason: 'FailedCreate', message };
}
