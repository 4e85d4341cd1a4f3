import { isObject, objectOf, objectsOf } from '../objects/json-value.ts';
import type { JsonObject, KubeObject, ObjectStore } from '../objects/object-store.ts';

/** What a PodDisruptionBudget lets happen: pods, by count. */
export interface BudgetState {
  readonly expected: number;
  readonly healthy: number;
  readonly desired: number;
  readonly allowed: number;
}

/** Keeps the status of the PodDisruptionBudgets of a namespace up to date with its pods. Returns the stop function. */
export function followBudgets(store: ObjectStore, timestamp: () => string): () => void {
  return store.subscribe(({ resource, object, type }) => {
    if (resource !== 'pods' && resource !== 'poddisruptionbudgets') return;
    if (resource === 'poddisruptionbudgets' && type === 'DELETED') return;
    const { namespace } = object.metadata;
    for (const budget of store.list('poddisruptionbudgets', namespace)) {
      store.write('poddisruptionbudgets', namespace, budget.metadata.name, (draft) => {
        draft.status = statusOf(draft, stateOf(store, draft), timestamp());
      });
    }
  });
}

/** The budgets that a pod counts for. */
export function budgetsOf(store: ObjectStore, pod: KubeObject): readonly KubeObject[] {
  return store.list('poddisruptionbudgets', pod.metadata.namespace).filter((budget) => selects(budget, pod));
}

export function stateOf(store: ObjectStore, budget: KubeObject): BudgetState {
  const pods = store.list('pods', budget.metadata.namespace).filter((pod) => selects(budget, pod) && !isOver(pod));
  const healthy = pods.filter((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined).length;
  const { minAvailable, maxUnavailable } = budget.spec ?? {};
  const expected = pods.length;
  const desired =
    minAvailable === undefined
      ? Math.max(0, expected - amount(maxUnavailable ?? 1, expected))
      : amount(minAvailable, expected);
  return { expected, healthy, desired, allowed: expected === 0 ? 0 : Math.max(0, healthy - desired) };
}

function amount(value: unknown, of: number): number {
  return typeof value === 'number' ? value : Math.ceil((Number.parseFloat(String(value)) / 100) * of);
}

function selects(budget: KubeObject, pod: KubeObject): boolean {
  const wanted = objectOf(budget.spec?.['selector'])['matchLabels'];
  return isObject(wanted) && Object.entries(wanted).every(([key, value]) => pod.metadata.labels?.[key] === value);
}

function isOver({ status }: KubeObject): boolean {
  return status?.['phase'] === 'Failed' || status?.['phase'] === 'Succeeded';
}

function isReady({ status }: KubeObject): boolean {
  return objectsOf(status?.['conditions']).some(({ type, status: is }) => type === 'Ready' && is === 'True');
}

function statusOf(budget: KubeObject, { expected, healthy, desired, allowed }: BudgetState, now: string): JsonObject {
  const before = objectsOf(budget.status?.['conditions'])[0];
  const status = allowed > 0 ? 'True' : 'False';
  const condition = {
    type: 'DisruptionAllowed',
    status,
    observedGeneration: budget.metadata.generation,
    lastTransitionTime: before?.['status'] === status ? before['lastTransitionTime'] : now,
    reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
    message: '',
  };
  return {
    observedGeneration: budget.metadata.generation,
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    conditions: [condition],
  };
}
