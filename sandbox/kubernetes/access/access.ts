import { forbidden, unauthorized } from '../server/api-error.ts';
import type { ApiTarget } from '../server/api-target.ts';

/** As a rule of an RBAC role; `*` stands for anything, a subresource is written `pods/resize`. */
export interface AccessRule {
  readonly verbs: readonly string[];
  readonly groups: readonly string[];
  readonly resources: readonly string[];
  /** Absent = every namespace and what has none. */
  readonly namespaces?: readonly string[];
  readonly names?: readonly string[];
  /** `nonResourceURLs`; a rule with paths grants nothing else. */
  readonly paths?: readonly string[];
  /** Which binding of which role this is, in the words of an access review. */
  readonly because?: string;
}

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

/** A bearer token's owner. Without rules: a cluster admin (group system:masters). */
export interface TokenOwner {
  readonly user: string;
  readonly groups?: readonly string[];
  readonly rules?: readonly AccessRule[];
}

/** Rights of somebody who holds no token, for access reviews: a person, or everybody in a group. */
export interface Grant {
  readonly user?: string;
  readonly group?: string;
  readonly rules: readonly AccessRule[];
}

export type AccessQuestion = Omit<ApiTarget, 'version' | 'verb'> & { readonly verb: string };

export interface Verdict {
  readonly allowed: boolean;
  /** Why it is allowed; absent for admins and when it is not, as on a real API server. */
  readonly reason?: string;
}

export interface Access {
  /** Who sends a request. Throws 401 for a token that nobody holds. */
  readonly authenticate: (authorization: string | undefined) => User;
  readonly mayReadPath: (user: User, path: string) => Verdict;
  readonly decide: (user: User, question: AccessQuestion) => Verdict;
  /** The rules that a user has in a namespace, those of every namespace included. */
  readonly rulesIn: (user: User, namespace: string) => readonly AccessRule[];
  /** Nobody may do anything with a resource (plural name), not even an admin, until the returned function is called. */
  readonly revoke: (resource: string) => () => void;
  /** Throws 403 in the words of a real API server. */
  readonly require: (user: User, target: ApiTarget) => void;
}

const admins = 'system:masters';
const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
const everything: AccessRule = { verbs: ['*'], groups: ['*'], resources: ['*'] };
const publicPaths = /^\/(?:version|healthz|livez|readyz)\b/;
const discoveryPaths = /^\/(?:version|healthz|livez|readyz|api|apis|openapi)\b/;
const ownReview: AccessRule = {
  verbs: ['create'],
  groups: ['authorization.k8s.io'],
  resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
};
const whoAmI: AccessRule = { verbs: ['create'], groups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] };

/** Authentication by bearer tokens, as they are in `tokens` at each request, and authorization by rules. */
export function createAccess(tokens: ReadonlyMap<string, TokenOwner>, grants: readonly Grant[]): Access {
  const everyGrant: readonly Grant[] = [
    { group: 'system:authenticated', rules: [ownReview, whoAmI] },
    ...[...tokens.values()].flatMap(({ user, rules }) => (rules === undefined ? [] : [{ user, rules }])),
    ...grants,
  ];

  function authenticate(authorization: string | undefined): User {
    if (authorization === undefined) return anonymous;
    const token = /^Bearer (?<token>.+)$/i.exec(authorization)?.groups?.['token'] ?? '';
    const owner = tokens.get(token);
    if (owner === undefined) throw unauthorized();
    const admin = owner.rules === undefined ? [admins] : [];
    return { name: owner.user, groups: [...(owner.groups ?? []), ...admin, 'system:authenticated'] };
  }

  function grantsOf(user: User): readonly Grant[] {
    return everyGrant.filter(
      (each) => each.user === user.name || (each.group !== undefined && user.groups.includes(each.group)),
    );
  }

  function firstRule(user: User, wanted: (rule: AccessRule) => boolean): Verdict {
    for (const grant of grantsOf(user)) {
      const rule = grant.rules.find(wanted);
      if (rule === undefined) continue;
      const to = grant.user === undefined ? `Group "${grant.group ?? ''}"` : `User "${grant.user}"`;
      return { allowed: true, reason: rule.because ?? `RBAC: allowed by the sandbox's rules for ${to}` };
    }
    return { allowed: false };
  }

  const revoked = new Set<string>();

  function decide(user: User, question: AccessQuestion): Verdict {
    if (revoked.has(question.resource)) return { allowed: false };
    if (user.groups.includes(admins)) return { allowed: true };
    return firstRule(user, (rule) => covers(rule, question));
  }

  return {
    authenticate,
    decide,
    revoke: (resource) => {
      revoked.add(resource);
      return () => {
        revoked.delete(resource);
      };
    },
    rulesIn: (user, namespace) => {
      if (user.groups.includes(admins)) return [everything, { ...everything, paths: ['*'] }];
      const rules = grantsOf(user).flatMap((grant) => grant.rules);
      return rules.filter((rule) => rule.namespaces === undefined || rule.namespaces.includes(namespace));
    },
    mayReadPath: (user, path) => {
      if (user.groups.includes(admins)) return { allowed: true };
      const discoverer = user.groups.includes('system:authenticated') && discoveryPaths.test(path);
      const anybody = user.groups.includes('system:unauthenticated') && publicPaths.test(path);
      if (!discoverer && !anybody) return firstRule(user, (rule) => coversPath(rule, path));
      return { allowed: true, reason: 'RBAC: allowed by ClusterRoleBinding "system:public-info-viewer"' };
    },
    require: (user, target) => {
      const { group, resource, namespace, name } = target;
      const verb = target.verb ?? 'get';
      if (decide(user, { ...target, verb }).allowed) return;
      const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
      const what = resourceName(target);
      throw forbidden(
        { name: resource, group },
        name,
        `User "${user.name}" cannot ${verb} resource "${what}" in API group "${group}" ${where}`,
        { byAuthorization: true },
      );
    },
  };
}

function resourceName({ resource, subresource }: Pick<ApiTarget, 'resource' | 'subresource'>): string {
  return subresource === undefined ? resource : `${resource}/${subresource}`;
}

function coversPath({ paths = [], verbs }: AccessRule, path: string): boolean {
  const fits = (each: string): boolean =>
    each === '*' || each === path || (each.endsWith('*') && path.startsWith(each.slice(0, -1)));
  return (verbs.includes('get') || verbs.includes('*')) && paths.some(fits);
}

function covers(rule: AccessRule, question: AccessQuestion): boolean {
  const has = (list: readonly string[], value: string): boolean => list.includes('*') || list.includes(value);
  const onAny = question.subresource === undefined ? [] : [`*/${question.subresource}`];
  return (
    rule.paths === undefined &&
    has(rule.verbs, question.verb) &&
    has(rule.groups, question.group) &&
    [resourceName(question), ...onAny].some((resource) => has(rule.resources, resource)) &&
    (rule.namespaces === undefined || has(rule.namespaces, question.namespace ?? '')) &&
    (rule.names === undefined || (question.name !== undefined && has(rule.names, question.name)))
  );
}
