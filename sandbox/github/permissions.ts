export type Access = 'read' | 'write';
export type Scope = 'metadata' | 'contents' | 'pull_requests' | 'issues';
export type Permissions = Readonly<Partial<Record<Scope, Access>>>;

const scopes: readonly Scope[] = ['metadata', 'contents', 'pull_requests', 'issues'];

/** What the app was granted, and the personal token has. */
export const fullPermissions: Permissions = {
  metadata: 'read',
  contents: 'write',
  pull_requests: 'write',
  issues: 'write',
};

/** One of these has to be granted. */
export type Need = readonly (readonly [Scope, Access])[];

export function isGranted(permissions: Permissions, need: Need): boolean {
  return need.some(([scope, access]) => permissions[scope] === access || permissions[scope] === 'write');
}

/** As GitHub's header `x-accepted-github-permissions` says it. */
export function needText(need: Need): string {
  return need.map(([scope, access]) => `${scope}=${access}`).join('; ');
}

function isScope(name: string): name is Scope {
  return scopes.some((scope) => scope === name);
}

/** The permissions of a request for a token; undefined where it asks for more than was granted. */
export function narrowed(granted: Permissions, wanted: Readonly<Record<string, unknown>>): Permissions | undefined {
  const narrow: Partial<Record<Scope, Access>> = { metadata: 'read' };
  for (const [scope, access] of Object.entries(wanted)) {
    if (!isScope(scope) || (access !== 'read' && access !== 'write')) return undefined;
    if (!isGranted(granted, [[scope, access]])) return undefined;
    narrow[scope] = access;
  }
  return narrow;
}
