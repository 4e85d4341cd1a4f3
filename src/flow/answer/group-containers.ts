import { subjectOfContainer } from '../../core/evidence/usage-now.ts';
import type { ContainerNow } from '../../core/evidence/usage-now.ts';
import { subjectKey } from '../../core/kill/kill.ts';
import type { Subject } from '../../core/kill/kill.ts';

/** What a question is about: these namespaces, or those of the worker, or all; these workloads, or all. */
export interface Asked {
  readonly namespaces: readonly string[];
  readonly workloads?: readonly string[] | undefined;
}

/** Whether something is asked about. */
export function isAsked(
  { namespace, workload }: Pick<Subject, 'namespace' | 'workload'>,
  { namespaces, workloads = [] }: Asked,
): boolean {
  return (
    (namespaces.length === 0 || (namespace !== null && namespaces.includes(namespace))) &&
    (workloads.length === 0 || workloads.includes(workload.name))
  );
}

/** No namespace is all that the worker looks at. */
export function namespacesOf({ namespaces }: Asked, own: readonly string[]): readonly string[] {
  return namespaces.length > 0 || own.length === 0 ? namespaces : own;
}

export interface Group {
  readonly subject: Subject;
  readonly containers: ContainerNow[];
}

/** By subject: what is running, and what was killed and is not running. */
export function grouped(
  cluster: string,
  containers: readonly ContainerNow[],
  killed: readonly Subject[] = [],
): ReadonlyMap<string, Group> {
  const groups = new Map<string, Group>();
  const groupOf = (subject: Subject): Group => {
    const key = subjectKey(subject);
    const group = groups.get(key) ?? { subject, containers: [] };
    groups.set(key, group);
    return group;
  };
  for (const container of containers) groupOf(subjectOfContainer(cluster, container)).containers.push(container);
  for (const subject of killed) groupOf(subject);
  return groups;
}
