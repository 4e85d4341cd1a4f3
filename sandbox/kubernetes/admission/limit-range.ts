import { objectOf, objectsOf } from '../objects/json-value.ts';
import type { JsonObject } from '../objects/object-store.ts';
import { amountIn, totalOf } from './pod-amounts.ts';
import { formatQuantity, parseQuantity } from './quantity.ts';
import type { Quantity } from './quantity.ts';

type Read = (side: 'requests' | 'limits', name: string) => Quantity | undefined;
type Bound = (name: string, of: string, bound: Quantity, read: Read) => string | undefined;

/** What the items of a LimitRange find wrong with a pod, in the words of the LimitRanger plug-in. */
export function complaintsOfLimitRange(items: readonly JsonObject[], spec: JsonObject): readonly string[] {
  return items.flatMap((item) => {
    if (item['type'] === 'Pod') return complaints(item, 'Pod', (side, name) => totalOf(spec, side, name));
    if (item['type'] !== 'Container') return [];
    return [...objectsOf(spec['containers']), ...objectsOf(spec['initContainers'])].flatMap((container) =>
      complaints(item, 'Container', (side, name) => amountIn(container, side, name)),
    );
  });
}

function complaints(item: JsonObject, of: string, read: Read): readonly string[] {
  return Object.entries(bounds).flatMap(([key, check]) =>
    Object.entries(objectOf(item[key])).flatMap(([name, value]) => {
      const bound = parseQuantity(value);
      return (bound === undefined ? undefined : check(name, of, bound, read)) ?? [];
    }),
  );
}

const bounds: Readonly<Record<string, Bound>> = {
  min: (name, of, bound, read) => {
    const [request, limit] = [read('requests', name), read('limits', name)];
    const rule = `minimum ${name} usage per ${of} is ${formatQuantity(bound)}`;
    if (request === undefined) return `${rule}.  No request is specified`;
    if (request.nano < bound.nano) return `${rule}, but request is ${formatQuantity(request)}`;
    if (limit !== undefined && limit.nano < bound.nano) return `${rule}, but limit is ${formatQuantity(limit)}`;
    return undefined;
  },
  max: (name, of, bound, read) => {
    const [request, limit] = [read('requests', name), read('limits', name)];
    const rule = `maximum ${name} usage per ${of} is ${formatQuantity(bound)}`;
    if (limit === undefined) return `${rule}.  No limit is specified`;
    if (limit.nano > bound.nano) return `${rule}, but limit is ${formatQuantity(limit)}`;
    if (request !== undefined && request.nano > bound.nano) return `${rule}, but request is ${formatQuantity(request)}`;
    return undefined;
  },
  maxLimitRequestRatio: (name, of, bound, read) => {
    const [request, limit] = [read('requests', name), read('limits', name)];
    const rule = `${name} max limit to request ratio per ${of} is ${formatQuantity(bound)}`;
    if (request === undefined || request.nano === 0n) return `${rule}, but no request is specified or request is 0`;
    if (limit === undefined || limit.nano === 0n) return `${rule}, but no limit is specified or limit is 0`;
    const ratio = Number(limit.nano) / Number(request.nano);
    return ratio > Number(bound.nano) / 1e9 ? `${rule}, but provided ratio is ${ratio.toFixed(6)}` : undefined;
  },
};
