export type Access = 'read' | 'write';
export type Scope = 'metadata' | 'contents' | 'pull_requests' | 'issues';
export type Permissions = Readonly<Partial<Record<Scope, Access>>>;

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
