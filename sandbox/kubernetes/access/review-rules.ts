import type { ApiCall } from '../server/api-call.ts';
import { badRequest } from '../server/api-error.ts';
import { readBody } from '../objects/create-object.ts';
import { groupVersionOf } from '../server/coverage.ts';
import { objectOf, textOf } from '../objects/json-value.ts';
import type { JsonObject } from '../objects/object-store.ts';

const discovery = ['/api', '/api/*', '/apis', '/apis/*', '/healthz', '/livez', '/openapi', '/openapi/*', '/readyz'];
const versions = ['/version', '/version/'];

/** Answers SelfSubjectRulesReview: what the asker may do in one namespace, as the rules say it. Throws 400. */
export function reviewRules(call: ApiCall): JsonObject {
  const { context, resource, user } = call;
  const namespace = textOf(objectOf(readBody(call)['spec'])['namespace']) ?? '';
  if (namespace === '') throw badRequest('no namespace on request');
  const rules = context.access.rulesIn(user, namespace);
  return {
    kind: resource.kind,
    apiVersion: groupVersionOf(resource),
    metadata: {},
    spec: {},
    status: {
      resourceRules: rules
        .filter(({ paths }) => paths === undefined)
        .map(({ verbs, groups, resources, names }) => ({
          verbs,
          apiGroups: groups,
          resources,
          ...(names === undefined ? {} : { resourceNames: names }),
        })),
      nonResourceRules: [
        { verbs: ['get'], nonResourceURLs: [...discovery, ...versions] },
        { verbs: ['get'], nonResourceURLs: ['/healthz', '/livez', '/readyz', ...versions] },
        ...rules.flatMap(({ verbs, paths }) => (paths === undefined ? [] : [{ verbs, nonResourceURLs: paths }])),
      ],
      incomplete: false,
    },
  };
}
