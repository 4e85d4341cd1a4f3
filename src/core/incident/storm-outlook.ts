import { causes } from '../diagnose/diagnosis.ts';
import type { Cause } from '../diagnose/diagnosis.ts';
import { severitySchema } from '../notify/severity.ts';
import type { Severity } from '../notify/severity.ts';
import { subjectKey } from '../kill/kill.ts';
import type { StormMember } from './storm.ts';

/** The verdict that most of a storm's incidents have, and how many have been explained. */
export interface CommonVerdict {
  readonly cause: Cause;
  readonly count: number;
  readonly explained: number;
}

/** Null while none is explained; of verdicts that are equally common the one that ranks first. */
export function commonVerdict(members: readonly Pick<StormMember, 'verdict'>[]): CommonVerdict | null {
  const counts = new Map<Cause, number>();
  for (const { verdict } of members) if (verdict !== null) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  const [most] = [...counts].toSorted(([a, m], [b, n]) => n - m || causes.indexOf(a) - causes.indexOf(b));
  if (most === undefined) return null;
  const [cause, count] = most;
  return { cause, count, explained: [...counts.values()].reduce((sum, each) => sum + each, 0) };
}

/** How those who depend on the workloads fare, of the incidents that are open. */
export interface StormImpact {
  /** How many of each, the worst first; only those that there are. */
  readonly severities: readonly (readonly [severity: Severity, count: number])[];
  /** Of all workloads whose pods were read, each counted once; null where none was. */
  readonly pods: { readonly ready: number; readonly desired: number } | null;
}

export function stormImpact(members: readonly StormMember[]): StormImpact {
  const open = members.filter((member) => member.open);
  const severities = severitySchema.options.flatMap((severity) => {
    const count = open.filter((member) => member.severity === severity).length;
    return count === 0 ? [] : [[severity, count] as const];
  });
  // Two containers of one workload have the same pods.
  const byWorkload = new Map(
    open.flatMap(({ subject, pods }) => (pods === null ? [] : [[subjectKey({ ...subject, container: null }), pods]])),
  );
  const all = [...byWorkload.values()];
  const sum = (of: 'ready' | 'desired'): number => all.reduce((total, pods) => total + pods[of], 0);
  return { severities, pods: all.length === 0 ? null : { ready: sum('ready'), desired: sum('desired') } };
}

/** The incidents that a click for all of a storm is about. `now` is ms UTC. */
export function openTo(
  members: readonly StormMember[],
  what: 'acknowledge' | 'silence',
  now: number,
): readonly StormMember[] {
  return members.filter(
    ({ open, acknowledged, silencedUntil }) =>
      open && (what === 'acknowledge' ? acknowledged === null : (silencedUntil ?? 0) <= now),
  );
}
