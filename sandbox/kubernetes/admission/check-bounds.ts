import { invalid, invalidField, notCovered, unreadableQuantity } from '../server/api-error.ts';
import type { Cause } from '../server/api-error.ts';
import type { ApiResource } from '../server/coverage.ts';
import { isObject, objectOf, objectsOf } from '../objects/json-value.ts';
import type { JsonObject, NewObject } from '../objects/object-store.ts';
import { countedNames } from './pod-amounts.ts';
import { formatQuantity, parseQuantity } from './quantity.ts';

const quantityMaps = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'];

/** Pairs that have to be in order, and which of the two a real server quotes as the wrong one. */
const orders = [
  { low: 'min', high: 'max', field: 'min', quoted: 'min', words: 'min value %l is greater than max value %h' },
  {
    low: 'min',
    high: 'defaultRequest',
    field: 'defaultRequest',
    quoted: 'defaultRequest',
    words: 'min value %l is greater than default request value %h',
  },
  {
    low: 'defaultRequest',
    high: 'max',
    field: 'defaultRequest',
    quoted: 'defaultRequest',
    words: 'default request value %l is greater than max value %h',
  },
  {
    low: 'defaultRequest',
    high: 'default',
    field: 'defaultRequest',
    quoted: 'defaultRequest',
    words: 'default request value %l is greater than default limit value %h',
  },
  {
    low: 'min',
    high: 'default',
    field: 'default',
    quoted: 'min',
    words: 'min value %l is greater than default value %h',
  },
  {
    low: 'default',
    high: 'max',
    field: 'default',
    quoted: 'max',
    words: 'default value %l is greater than max value %h',
  },
] as const;

/**
 * Puts the quantities of a new ResourceQuota or LimitRange into their canonical form and refuses what contradicts
 * itself. Throws 400, 422, and 501 for what the simulator would not enforce: other things than pods, and scopes.
 */
export function checkBounds(resource: ApiResource, object: NewObject): void {
  const spec = objectOf(object['spec']);
  if (resource.name === 'resourcequotas') {
    if (spec['scopes'] !== undefined || spec['scopeSelector'] !== undefined) throw notCovered('scopes of quotas');
    const hard = objectOf(spec['hard']);
    const other = Object.keys(hard).find((name) => !countedNames.has(name));
    if (other !== undefined) throw notCovered(`quotas of ${other}`);
    canonicalize(resource, hard);
  }
  if (resource.name === 'limitranges') {
    const items = objectsOf(spec['limits']);
    for (const item of items) {
      for (const map of quantityMaps.map((key) => item[key]).filter(isObject)) canonicalize(resource, map);
    }
    const causes = items.flatMap((item, index) => contradictions(item, `spec.limits[${index}]`));
    if (causes.length > 0) throw invalid(resource.kind, resource.group, object.metadata.name, causes);
  }
}

function canonicalize(resource: ApiResource, map: JsonObject): void {
  for (const [name, value] of Object.entries(map)) {
    const quantity = parseQuantity(value);
    if (quantity === undefined) throw unreadableQuantity(resource);
    map[name] = formatQuantity(quantity);
  }
}

function contradictions(item: JsonObject, path: string): readonly Cause[] {
  const names = new Set(quantityMaps.flatMap((key) => Object.keys(objectOf(item[key]))));
  return [...names].flatMap((name) =>
    orders.flatMap(({ low, high, field, quoted, words }) => {
      const [a, b] = [objectOf(item[low])[name], objectOf(item[high])[name]].map(parseQuantity);
      if (a === undefined || b === undefined || a.nano <= b.nano) return [];
      const why = words.replace('%l', formatQuantity(a)).replace('%h', formatQuantity(b));
      return [invalidField(`${path}.${field}[${name}]`, objectOf(item[quoted])[name], why)];
    }),
  );
}
