import type { SlackIdentity } from '../web-client.ts';
import type { Sender } from './delivery.ts';

export type Foreign = 'other-workspace' | 'other-enterprise' | 'org-install';

/**
 * Why this did not come from our workspace; null if it did. Within one Enterprise Grid a person's own workspace may be
 * another: whether they belong to ours too, only the directory says (`standing-of.ts`).
 */
export function whyForeign(sender: Sender, ours: SlackIdentity): Foreign | null {
  const { team, userTeam, enterprise } = sender;
  if (sender.isOrgInstall) return 'org-install';
  if (team !== ours.teamId) return 'other-workspace';
  if (enterprise !== null && enterprise !== ours.enterpriseId) return 'other-enterprise';
  const oneOrganisation = ours.enterpriseId !== null && enterprise === ours.enterpriseId;
  return userTeam === null || userTeam === ours.teamId || oneOrganisation ? null : 'other-workspace';
}
