import type { Incident, Remediation } from '../incident/incident.ts';

/** A person of the chat, and the groups that they are in. */
export interface Person {
  readonly by: string;
  readonly groups: readonly string[];
}

/** The requests of an incident that wait for the approval of this person, in the order in which they were proposed. */
export function waitsFor({ state, remediations }: Incident, { by, groups }: Person): readonly Remediation[] {
  if (state.is !== 'open') return [];
  return remediations.filter(
    (one) =>
      one.state === 'requested' &&
      !one.approvals.some((approval) => approval.by === by) &&
      one.approvers.some((id) => id === by || groups.includes(id)),
  );
}
