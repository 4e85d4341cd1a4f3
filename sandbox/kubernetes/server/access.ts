import { forbidden, unauthorized } from './api-error.ts';
import type { ApiTarget } from './api-target.ts';

/** As a rule of an RBAC role; `*` stands for anything, a subresource is written `pods/resize`. */
export interface AccessRule {
  readonly verbs: readonly string[];
  readonly groups: readonly string[];
  readonly resources: readonly string[];
  /** Absent = every namespace and what has none. */
  readonly namespaces?: readonly string[];
  /** Which binding of which role this is, in the words of an access review. */
  readonly because?: string;
}

/** Who sends a request. Without rules: a cluster admin. */
export interface User {
  readonly user: string;
  readonly rules?: readonly AccessRule[];
}

export type AccessQuestion = Omit<ApiTarget, 'version' | 'verb'> & { readonly verb: string };

export interface Verdict {
  readonly allowed: boolean;
  /** Why it is allowed; absent for admins and when it is not, as on a real API server. */
  readonly reason?: string;
}

export interface Access {
  /** The owner of a bearer token. Throws 401 for a token that nobody holds. */
  readonly authenticate: (authorization: string | undefined) => User;
  /** Whether somebody may read the version or discover what there is. */
  readonly mayReadPath: (user: User, path: string) => boolean;
  readonly decide: (user: User, question: AccessQuestion) => Verdict;
  /** Nobody may do anything with a resource (plural name), not even an admin, until the returned function is called. */
  readonly revoke: (resource: string) => () => void;
  /** Throws 403 in the words of a real API server. */
  readonly require: (user: User, target: ApiTarget) => void;
}

const anonymous: User = { user: 'system:anonymous', rules: [] };
const publicPaths = /^\/(?:version|healthz|livez|readyz)\b/;
const discoveryPaths = /^\/(?:version|healthz|livez|readyz|api|apis|openapi)\b/;
const ownReview: AccessRule = {
  verbs: ['create'],
  groups: ['authorization.k8s.io'],
  resources: ['selfsubjectaccessreviews'],
  because:
    'RBAC: allowed by ClusterRoleBinding "system:basic-user" of ClusterRole "system:basic-user" to Group "system:authenticated"',
};

/** Authentication by bearer tokens, as they are in `tokens` at each request, and authorization by their rules. */
export function createAccess(tokens: ReadonlyMap<string, User>): Access {
  const revoked = new Set<string>();

  function decide(user: User, question: AccessQuestion): Verdict {
    if (revoked.has(question.resource)) return { allowed: false };
    if (user.rules === undefined) return { allowed: true };
    const rules = user === anonymous ? [] : [ownReview, ...user.rules];
    const rule = rules.find((each) => covers(each, question));
    if (rule === undefined) return { allowed: false };
    return { allowed: true, reason: rule.because ?? `RBAC: allowed by the sandbox's rules for User "${user.user}"` };
  }

  return {
    authenticate: (authorization) => {
      if (authorization === undefined) return anonymous;
      const token = /^Bearer (?<token>.+)$/i.exec(authorization)?.groups?.['token'] ?? '';
      const owner = tokens.get(token);
      if (owner === undefined) throw unauthorized();
      return owner;
    },
    decide,
    revoke: (resource) => {
      revoked.add(resource);
      return () => {
        revoked.delete(resource);
      };
    },
    mayReadPath: (user, path) =>
      user.rules === undefined || (user === anonymous ? publicPaths : discoveryPaths).test(path),
    require: (user, target) => {
      const { group, resource, namespace, name } = target;
      const verb = target.verb ?? 'get';
      if (decide(user, { ...target, verb }).allowed) return;
      const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
      throw forbidden(
        { name: resource, group },
        name,
        `User "${user.user}" cannot ${verb} resource "${resourceName(target)}" in API group "${group}" ${where}`,
      );
    },
  };
}

function resourceName({ resource, subresource }: Pick<ApiTarget, 'resource' | 'subresource'>): string {
  return subresource === undefined ? resource : `${resource}/${subresource}`;
}

function covers(rule: AccessRule, question: AccessQuestion): boolean {
  const has = (list: readonly string[], value: string): boolean => list.includes('*') || list.includes(value);
  return (
    has(rule.verbs, question.verb) &&
    has(rule.groups, question.group) &&
    has(rule.resources, resourceName(question)) &&
    (rule.namespaces === undefined || has(rule.namespaces, question.namespace ?? ''))
  );
}
