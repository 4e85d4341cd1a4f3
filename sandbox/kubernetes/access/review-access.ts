import type { User } from './access.ts';
import type { ApiCall } from '../server/api-call.ts';
import { invalid, invalidField } from '../server/api-error.ts';
import { readBody } from '../objects/create-object.ts';
import { groupVersionOf } from '../server/coverage.ts';
import { isObject, objectOf, textOf } from '../objects/json-value.ts';
import type { JsonObject } from '../objects/object-store.ts';

/** Answers SubjectAccessReview and SelfSubjectAccessReview; nothing is stored. */
export function reviewAccess(call: ApiCall): JsonObject {
  const { context, resource } = call;
  const body = readBody(call);
  const spec = objectOf(body['spec']);
  const self = resource.name === 'selfsubjectaccessreviews';
  const { resourceAttributes, nonResourceAttributes } = spec;
  const refuse = (field: string, value: unknown, why: string): Error =>
    invalid('', resource.group, '', [invalidField(field, value, why)]);
  if (isObject(resourceAttributes) && isObject(nonResourceAttributes)) {
    const { path, verb } = nonResourceAttributes;
    throw refuse(
      'spec.nonResourceAttributes',
      { Path: path, Verb: verb },
      'cannot be specified in combination with resourceAttributes',
    );
  }
  if (!isObject(resourceAttributes) && !isObject(nonResourceAttributes)) {
    const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    throw refuse('spec.resourceAttributes', null, why);
  }
  const user = self ? call.user : reviewedUser(spec);
  if (user.name === '' && user.groups.length === 0) {
    throw refuse('spec.user', '', 'at least one of user or group must be specified');
  }
  const status = isObject(resourceAttributes)
    ? context.access.decide(user, question(resourceAttributes))
    : context.access.mayReadPath(user, textOf(objectOf(nonResourceAttributes)['path']) ?? '');
  return { kind: resource.kind, apiVersion: groupVersionOf(resource), metadata: {}, spec, status };
}

function reviewedUser(spec: JsonObject): User {
  const groups = Array.isArray(spec['groups']) ? spec['groups'].filter((each) => typeof each === 'string') : [];
  return { name: textOf(spec['user']) ?? '', groups };
}

function question(attributes: JsonObject): Parameters<ApiCall['context']['access']['decide']>[1] {
  const text = (key: string): string | undefined => textOf(attributes[key]) || undefined;
  return {
    verb: text('verb') ?? '',
    group: text('group') ?? '',
    resource: text('resource') ?? '',
    subresource: text('subresource'),
    namespace: text('namespace'),
    name: text('name'),
  };
}
