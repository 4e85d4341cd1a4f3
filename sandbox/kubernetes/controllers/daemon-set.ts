import { createPodFor, deletePod, isReady, isTerminating, ownedBy, writeStatus, type Reconcile } from './context.ts';
import { podFromTemplate, suffix, templateHash, templateOf } from './template.ts';
import type { JsonObject, KubeObject } from '../objects/object-store.ts';

const revisionLabel = 'controller-revision-hash';

/** One pod for each node; a new template replaces them one after the other. */
export const reconcileDaemonSet: Reconcile = (context, set) => {
  const { store, random, nodeNames } = context;
  const { name } = set.metadata;
  const template = templateOf(set);
  const hash = templateHash(template);
  const events = context.events('daemonset-controller');
  const pods = ownedBy(store, 'pods', set);

  for (const node of nodeNames) {
    if (pods.some((pod) => nodeOf(pod) === node)) continue;
    const generateName = `${name}-`;
    const podName = `${generateName}${suffix(random)}`;
    const labels = { [revisionLabel]: hash, 'pod-template-generation': String(set.metadata.generation ?? 1) };
    const identity = { name: podName, generateName, labels, spec: { affinity: affinityTo(node) } };
    const by = { component: 'daemonset-controller', created: `Created pod: ${podName}` };
    createPodFor(context, set, podFromTemplate(template, set, identity, random), by);
  }

  const live = ownedBy(store, 'pods', set);
  const outdated = live.filter(({ metadata }) => metadata.labels?.[revisionLabel] !== hash);
  const steady = live.filter(isTerminating).length === 0;
  const next = outdated.find((pod) => !isReady(pod)) ?? (live.every(isReady) ? outdated[0] : undefined);
  if (next !== undefined && steady) {
    deletePod(context, next);
    const message = `Deleted pod: ${next.metadata.name}`;
    events.record({ about: set, type: 'Normal', reason: 'SuccessfulDelete', message });
  }

  const ready = live.filter(isReady).length;
  writeStatus(store, 'daemonsets', set, {
    currentNumberScheduled: live.length,
    numberMisscheduled: 0,
    desiredNumberScheduled: nodeNames.length,
    numberReady: ready,
    observedGeneration: set.metadata.generation,
    updatedNumberScheduled: live.length - outdated.length || undefined,
    numberAvailable: ready || undefined,
    numberUnavailable: nodeNames.length - ready || undefined,
  });
};

function nodeOf(pod: KubeObject): string | undefined {
  return /"values":\["([^"]+)"\]/.exec(JSON.stringify(pod.spec?.['affinity'] ?? null))?.[1];
}

function affinityTo(node: string): JsonObject {
  const nodeSelectorTerms = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }];
  return { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } };
}
