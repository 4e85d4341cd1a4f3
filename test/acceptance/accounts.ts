/** One right, as RBAC has it. */
export interface Granted {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
}

const rbac = 'rbac.authorization.k8s.io';

/** Manifests of a ServiceAccount `oomkeeper/NAME` with just these rights, in one namespace or (null) in all. */
export function accountWith(
  name: string,
  rights: readonly Granted[],
  namespace: string | null = null,
): readonly unknown[] {
  const [role, binding] = namespace === null ? ['ClusterRole', 'ClusterRoleBinding'] : ['Role', 'RoleBinding'];
  const metadata = { name, ...(namespace === null ? {} : { namespace }) };
  const rules = rights.map(({ verb, group, resource }) => ({
    apiGroups: [group],
    resources: [resource],
    verbs: [verb],
  }));
  const subject = { kind: 'ServiceAccount', name, namespace: 'oomkeeper' };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'oomkeeper' } },
    { apiVersion: `${rbac}/v1`, kind: role, metadata, rules },
    {
      apiVersion: `${rbac}/v1`,
      kind: binding,
      metadata,
      roleRef: { apiGroup: rbac, kind: role, name },
      subjects: [subject],
    },
  ];
}
