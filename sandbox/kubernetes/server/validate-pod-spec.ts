import { invalidField, required } from './api-error.ts';
import type { Cause } from './api-error.ts';
import { objectOf, objectsOf, textOf } from '../objects/json-value.ts';
import type { JsonObject } from '../objects/object-store.ts';
import { parseQuantity } from '../objects/quantity.ts';

/** What a real API server finds wrong with the containers of a pod spec at this path, as far as Oomkeeper meets it. */
export function validatePodSpec(spec: JsonObject, path: string): readonly Cause[] {
  return ['initContainers', 'containers'].flatMap((list) =>
    objectsOf(spec[list]).flatMap((container, index) => containerCauses(container, `${path}.${list}[${index}]`)),
  );
}

function containerCauses(container: JsonObject, path: string): readonly Cause[] {
  const resources = objectOf(container['resources']);
  const limits = objectOf(resources['limits']);
  const requests = objectOf(resources['requests']);
  return [
    ...(textOf(container['image']) === undefined ? [required(`${path}.image`)] : []),
    ...Object.keys(requests).flatMap((name) => {
      const limit = parseQuantity(limits[name]);
      const request = parseQuantity(requests[name]);
      const above = limit !== undefined && request !== undefined && request.nano > limit.nano;
      const why = `must be less than or equal to ${name} limit of ${textOf(limits[name]) ?? ''}`;
      return above ? [invalidField(`${path}.resources.requests`, requests[name], why)] : [];
    }),
  ];
}
