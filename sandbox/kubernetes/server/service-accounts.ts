import { z } from 'zod';

import type { AccessRule, User } from './access.ts';

/** NOTE: rights to paths and to single names, which Oomkeeper's manifests give to nobody, are refused. */
const ruleSchema = z.strictObject({
  verbs: z.array(z.string()).min(1),
  apiGroups: z.array(z.string()),
  resources: z.array(z.string()),
});
const metadata = z.looseObject({ name: z.string(), namespace: z.string().optional() });
const roleSchema = z.strictObject({
  apiVersion: z.literal('rbac.authorization.k8s.io/v1'),
  kind: z.enum(['Role', 'ClusterRole']),
  metadata,
  rules: z.array(ruleSchema),
});
const bindingSchema = z.strictObject({
  apiVersion: z.literal('rbac.authorization.k8s.io/v1'),
  kind: z.enum(['RoleBinding', 'ClusterRoleBinding']),
  metadata,
  roleRef: z.strictObject({
    apiGroup: z.literal('rbac.authorization.k8s.io'),
    kind: z.enum(['Role', 'ClusterRole']),
    name: z.string(),
  }),
  subjects: z.array(
    z.strictObject({
      kind: z.literal('ServiceAccount'),
      name: z.string(),
      namespace: z.string().optional(),
      apiGroup: z.string().optional(),
    }),
  ),
});
const accountSchema = z.looseObject({ kind: z.literal('ServiceAccount'), metadata });

type Role = z.infer<typeof roleSchema>;
type Binding = z.infer<typeof bindingSchema>;

/** A ServiceAccount with what all its bindings give it. */
export interface ServiceAccount extends Required<User> {
  readonly namespace: string;
  readonly name: string;
}

/** Manifests of rights that an API server would refuse, or that give rights to nobody. */
export class RightsError extends Error {}

/**
 * The ServiceAccounts of parsed manifests (one object for each YAML document; other kinds are passed over) with exactly
 * the rights that the Roles, ClusterRoles and bindings among them give. `defaultNamespace` is where a manifest without
 * a namespace would be applied. Throws RightsError for a binding to a role or an account that is not among them.
 */
export function readServiceAccounts(
  manifests: readonly unknown[],
  defaultNamespace = 'default',
): readonly ServiceAccount[] {
  const kindOf = (manifest: unknown): string =>
    z.looseObject({ kind: z.string() }).safeParse(manifest).data?.kind ?? '';
  const all = <T>(kinds: readonly string[], schema: z.ZodType<T>): T[] =>
    manifests.filter((each) => kinds.includes(kindOf(each))).map((each) => read(schema, each));
  const roles = all(['Role', 'ClusterRole'], roleSchema);
  const bindings = all(['RoleBinding', 'ClusterRoleBinding'], bindingSchema);
  const accounts = all(['ServiceAccount'], accountSchema).map((each) => ({
    name: each.metadata.name,
    namespace: each.metadata.namespace ?? defaultNamespace,
  }));
  const isSubject = (binding: Binding, { namespace, name }: (typeof accounts)[number]): boolean =>
    binding.subjects.some(
      (subject) =>
        subject.name === name && (subject.namespace ?? binding.metadata.namespace ?? defaultNamespace) === namespace,
    );
  for (const binding of bindings) {
    if (accounts.some((account) => isSubject(binding, account))) continue;
    throw new RightsError(`${describe(binding)}: none of its subjects is a ServiceAccount of these manifests`);
  }
  return accounts.map((account) => ({
    ...account,
    user: `system:serviceaccount:${account.namespace}:${account.name}`,
    rules: bindings
      .filter((binding) => isSubject(binding, account))
      .flatMap((binding) => {
        const because = `RBAC: allowed by ${describe(binding)} of ${binding.roleRef.kind} "${binding.roleRef.name}" to ServiceAccount "${account.name}/${account.namespace}"`;
        return rulesOf(binding, roleOf(binding, roles, defaultNamespace), defaultNamespace, because);
      }),
  }));
}

function read<T>(schema: z.ZodType<T>, manifest: unknown): T {
  const parsed = schema.safeParse(manifest);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new RightsError(`${JSON.stringify(manifest).slice(0, 200)}: ${problems.join('; ')}`);
}

function describe({ kind, metadata: { name, namespace } }: Binding): string {
  return `${kind} "${name}${kind === 'RoleBinding' ? `/${namespace ?? 'default'}` : ''}"`;
}

function roleOf(binding: Binding, roles: readonly Role[], defaultNamespace: string): Role {
  const { kind, name } = binding.roleRef;
  const namespace = binding.metadata.namespace ?? defaultNamespace;
  const found = roles.find(
    (role) =>
      role.kind === kind &&
      role.metadata.name === name &&
      (kind === 'ClusterRole' || (role.metadata.namespace ?? defaultNamespace) === namespace),
  );
  const fits = binding.kind === 'RoleBinding' || kind === 'ClusterRole';
  if (found === undefined || !fits) throw new RightsError(`${describe(binding)}: no ${kind} "${name}" for it`);
  return found;
}

/** A RoleBinding gives rights in its own namespace only. */
function rulesOf(
  { kind, metadata: { namespace } }: Binding,
  { rules }: Role,
  defaultNamespace: string,
  because: string,
): readonly AccessRule[] {
  const where = kind === 'ClusterRoleBinding' ? {} : { namespaces: [namespace ?? defaultNamespace] };
  return rules.map(({ verbs, apiGroups, resources }) => ({ verbs, groups: apiGroups, resources, because, ...where }));
}
