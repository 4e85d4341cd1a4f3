import type { Incident, Silence } from '../incident/incident.ts';
import { matchesGlob } from '../units/glob.ts';
import { rulesIn } from './policy.ts';
import type { Policy } from './policy.ts';

export type MaySilence = { readonly may: true } | { readonly may: false; readonly who: readonly string[] };

/**
 * Whether somebody may silence for others. The rules for the place and scope decide, if there are any. Without one
 * anybody may snooze an incident, which ends soon and with it, and only those who may approve something there may
 * ignore a workload; where nobody may approve, anybody.
 */
export function maySilence(
  policy: Policy,
  { subject }: Pick<Incident, 'subject'>,
  scope: Silence['scope'],
  person: { readonly by: string; readonly groups: readonly string[] },
): MaySilence {
  const { cluster, namespace } = subject;
  const isThere = ({ namespaces }: { readonly namespaces: readonly string[] }): boolean =>
    namespaces.some((glob) => matchesGlob(glob, namespace ?? ''));
  const own = (policy.silence ?? []).filter(
    (rule) => rule.clusters.some((glob) => matchesGlob(glob, cluster)) && isThere(rule) && rule.scopes.includes(scope),
  );
  if (own.length === 0 && scope === 'incident') return { may: true };
  const rules = own.length > 0 ? own : rulesIn(policy, cluster).filter(isThere);
  const who = [...new Set(rules.flatMap((rule) => rule.who))];
  const may = who.length === 0 || who.includes(person.by) || person.groups.some((group) => who.includes(group));
  return may ? { may } : { may, who };
}
