import { isObject, objectOf, objectsOf } from '../objects/json-value.ts';
import type { JsonObject, KubeObject } from '../objects/object-store.ts';
import { parseQuantity } from './quantity.ts';
import type { Quantity } from './quantity.ts';

/** Quantities by the names that quotas use: `pods`, `requests.memory`, `limits.cpu` and so on. */
export type Amounts = ReadonlyMap<string, Quantity>;

const computeResources = ['cpu', 'memory'];
const sides = ['requests', 'limits'] as const;

/** What quotas can count of a pod here; `cpu` and `memory` alone mean requests. */
export const countedNames: ReadonlySet<string> = new Set([
  'pods',
  'count/pods',
  ...computeResources,
  ...sides.flatMap((side) => computeResources.map((name) => `${side}.${name}`)),
]);

/** What a pod counts with: containers and sidecars added up, an init container only where it asks for more. */
export function podAmounts(spec: JsonObject): Amounts {
  const amounts = new Map<string, Quantity>();
  const one: Quantity = { nano: 1_000_000_000n, format: 'decimal' };
  amounts.set('pods', one).set('count/pods', one);
  for (const side of sides) {
    for (const name of computeResources) {
      const total = totalOf(spec, side, name);
      if (total === undefined) continue;
      amounts.set(`${side}.${name}`, total);
      if (side === 'requests') amounts.set(name, total);
    }
  }
  return amounts;
}

/** The pods of a namespace added up; what has ended counts no more. */
export function usedAmounts(pods: readonly KubeObject[]): Amounts {
  const used = new Map<string, Quantity>();
  for (const { spec, status } of pods) {
    if (status?.['phase'] === 'Failed' || status?.['phase'] === 'Succeeded') continue;
    for (const [name, amount] of podAmounts(spec ?? {})) used.set(name, plus(used.get(name), amount));
  }
  return used;
}

/** One resource of one side of a container; undefined when it says nothing about it. */
export function amountIn(holder: JsonObject, side: 'requests' | 'limits', name: string): Quantity | undefined {
  return parseQuantity(objectOf(objectOf(holder['resources'])[side])[name]);
}

/** One resource of a whole pod; undefined when no container says anything about it. */
export function totalOf(spec: JsonObject, side: 'requests' | 'limits', name: string): Quantity | undefined {
  const ofPod = isObject(spec['resources']) ? amountIn(spec, side, name) : undefined;
  if (ofPod !== undefined) return ofPod;
  const inits = objectsOf(spec['initContainers']);
  const isSidecar = (container: JsonObject): boolean => container['restartPolicy'] === 'Always';
  const lasting = [...objectsOf(spec['containers']), ...inits.filter(isSidecar)];
  let total: Quantity | undefined;
  for (const container of lasting) {
    const amount = amountIn(container, side, name);
    if (amount !== undefined) total = plus(total, amount);
  }
  for (const init of inits.filter((container) => !isSidecar(container))) {
    const amount = amountIn(init, side, name);
    if (amount !== undefined && amount.nano > (total?.nano ?? 0n)) total = amount;
  }
  return total;
}

/** The sum in the family of suffixes of whichever is not nothing. */
function plus(a: Quantity | undefined, b: Quantity): Quantity {
  if (a === undefined || a.nano === 0n) return b;
  return { nano: a.nano + b.nano, format: a.format };
}
