import { isDeepStrictEqual } from 'node:util';

import { forbiddenField, invalidField, required } from '../server/api-error.ts';
import type { Cause } from '../server/api-error.ts';
import type { ApiResource } from '../server/coverage.ts';
import { isObject, objectOf, objectsOf, textOf } from '../objects/json-value.ts';
import { copyOf } from '../objects/object-copy.ts';
import type { JsonObject, KubeObject } from '../objects/object-store.ts';
import { canonicalizeQuantities, podSpecIn } from './pod-spec.ts';
import { parseQuantity } from './quantity.ts';

const subdomain = String.raw`[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*`;
const standardResources = /^(?:cpu|memory|ephemeral-storage|hugepages-.+|.+\/.+)$/;
const annotationBytes = 262_144;
const selective = new Set(['deployments', 'replicasets', 'statefulsets', 'daemonsets']);

/** What a real API server would find wrong with an object by itself, as far as the simulator knows it. */
export function validateObject(resource: ApiResource, object: KubeObject): readonly Cause[] {
  const causes: Cause[] = [];
  const { name } = object.metadata;
  if (name === '')
    causes.push({ ...required('metadata.name'), message: 'Required value: name or generateName is required' });
  else if (!new RegExp(`^${subdomain}$`).test(name)) {
    causes.push(
      invalidField(
        'metadata.name',
        name,
        `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${subdomain}')`,
      ),
    );
  }
  const annotations = Object.entries(object.metadata.annotations ?? {});
  const bytes = annotations.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  if (bytes > annotationBytes) {
    causes.push({
      reason: 'FieldValueTooLong',
      message: `Too long: may not be more than ${annotationBytes} bytes`,
      field: 'metadata.annotations',
    });
  }
  if (selective.has(resource.name)) causes.push(...selectorCauses(object));
  const pod = podSpecIn(resource, object);
  if (pod !== undefined) causes.push(...validatePodSpec(pod.spec, pod.path));
  if (resource.name === 'cronjobs') causes.push(...scheduleCauses(textOf(object.spec?.['schedule']) ?? ''));
  return causes;
}

function scheduleCauses(schedule: string): readonly Cause[] {
  const fields = schedule.split(/\s+/).filter((field) => field !== '');
  if (fields.length === 5 || schedule.startsWith('@')) return [];
  const why = `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`;
  return [invalidField('spec.schedule', schedule, why)];
}

function selectorCauses(object: KubeObject): readonly Cause[] {
  const wanted = objectOf(object.spec?.['selector'])['matchLabels'];
  const labels = objectOf(objectOf(object.spec?.['template'])['metadata'])['labels'] ?? null;
  if (!isObject(wanted)) return [required('spec.selector')];
  const fits = Object.entries(wanted).every(([key, value]) => objectOf(labels)[key] === value);
  return fits
    ? []
    : [invalidField('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')];
}

export function validatePodSpec(spec: JsonObject, path: string): readonly Cause[] {
  const containers = objectsOf(spec['containers']);
  if (containers.length === 0) return [required(`${path}.containers`)];
  return [
    ...objectsOf(spec['initContainers']).flatMap((each, i) => containerCauses(each, `${path}.initContainers[${i}]`)),
    ...containers.flatMap((each, i) => containerCauses(each, `${path}.containers[${i}]`)),
  ];
}

function containerCauses(container: JsonObject, path: string): readonly Cause[] {
  const resources = objectOf(container['resources']);
  const limits = objectOf(resources['limits']);
  const requests = objectOf(resources['requests']);
  return [
    ...(textOf(container['name']) === undefined ? [required(`${path}.name`)] : []),
    ...(textOf(container['image']) === undefined ? [required(`${path}.image`)] : []),
    ...amountCauses(limits, `${path}.resources.limits`),
    ...Object.keys(requests).flatMap((name) => {
      const limit = parseQuantity(limits[name]);
      const request = parseQuantity(requests[name]);
      const above = limit !== undefined && request !== undefined && request.nano > limit.nano;
      const why = `must be less than or equal to ${name} limit of ${textOf(limits[name]) ?? ''}`;
      return above ? [invalidField(`${path}.resources.requests`, requests[name], why)] : [];
    }),
    ...amountCauses(requests, `${path}.resources.requests`),
  ];
}

function amountCauses(amounts: JsonObject, path: string): readonly Cause[] {
  return Object.entries(amounts).flatMap(([name, value]) => {
    const field = `${path}[${name}]`;
    if (!standardResources.test(name)) {
      return [
        invalidField(field, name, 'must be a standard resource type or fully qualified'),
        invalidField(field, name, 'must be a standard resource for containers'),
      ];
    }
    const quantity = parseQuantity(value);
    return quantity !== undefined && quantity.nano < 0n
      ? [invalidField(field, value, 'must be greater than or equal to 0')]
      : [];
  });
}

/** What may not change in an update beside what is wrong with the new object itself. */
export function validateUpdate(resource: ApiResource, before: KubeObject, after: KubeObject): readonly Cause[] {
  if (selective.has(resource.name) && !isDeepStrictEqual(before.spec?.['selector'], after.spec?.['selector'])) {
    return [invalidField('spec.selector', after.spec?.['selector'] ?? null, 'field is immutable')];
  }
  if (resource.name === 'statefulsets' && !isDeepStrictEqual(fixedOfSet(before), fixedOfSet(after))) {
    const free = [...freeInSets].map((key) => `'${key}'`);
    const list = `${free.slice(0, -1).join(', ')} and ${free.at(-1) ?? ''}`;
    const why = `updates to statefulset spec for fields other than ${list} are forbidden`;
    return [forbiddenField('spec', why)];
  }
  if (resource.name === 'jobs' && !isDeepStrictEqual(before.spec?.['template'], after.spec?.['template'])) {
    if (before.spec?.['suspend'] !== true) {
      return [invalidField('spec.template', after.spec?.['template'] ?? null, 'field is immutable')];
    }
  }
  if (resource.name === 'pods' && !isDeepStrictEqual(fixedPart(before), fixedPart(after))) {
    return [
      forbiddenField(
        'spec',
        'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n',
      ),
    ];
  }
  return [];
}

const freeInSets = new Set([
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
]);

function fixedOfSet({ spec }: KubeObject): JsonObject {
  return Object.fromEntries(Object.entries(spec ?? {}).filter(([key]) => !freeInSets.has(key)));
}

/** The part of a pod's spec that no plain update may change. */
function fixedPart(pod: KubeObject): JsonObject {
  const withoutImages = (containers: unknown): readonly JsonObject[] =>
    objectsOf(containers).map((container) => ({ ...container, image: '' }));
  const spec = copyOf(pod.spec ?? {});
  canonicalizeQuantities(spec);
  return {
    ...spec,
    containers: withoutImages(spec['containers']),
    initContainers: withoutImages(spec['initContainers']),
    activeDeadlineSeconds: null,
    tolerations: null,
  };
}
