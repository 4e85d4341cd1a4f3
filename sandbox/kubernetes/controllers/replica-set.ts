import {
  createPodFor,
  deletePod,
  isOver,
  isReady,
  isTerminating,
  numberAt,
  ownedBy,
  writeStatus,
  type Reconcile,
} from './context.ts';
import { podFromTemplate, suffix, templateOf } from './template.ts';

/** As many live pods as asked for; the not ready and the newest go first. */
export const reconcileReplicaSet: Reconcile = (context, replicaSet) => {
  const { store, random } = context;
  const events = context.events('replicaset-controller');
  const wanted = numberAt(replicaSet.spec, 'replicas', 1);
  const all = ownedBy(store, 'pods', replicaSet);
  const live = all.filter((pod) => !isTerminating(pod) && !isOver(pod));

  for (let missing = wanted - live.length; missing > 0; missing -= 1) {
    const generateName = `${replicaSet.metadata.name}-`;
    const name = `${generateName}${suffix(random)}`;
    const pod = podFromTemplate(templateOf(replicaSet), replicaSet, { name, generateName }, random);
    const by = { component: 'replicaset-controller', created: `Created pod: ${name}` };
    createPodFor(context, replicaSet, pod, by);
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
  });
};
