import { record, texts } from '../../kill/json-read.ts';
import type { JsonRecord } from '../../kill/json-read.ts';
import { containerPrivileges, containersOf, podPrivileges } from './privileges-of.ts';
import type { Privileges } from './privileges-of.ts';

/**
 * What a pod template `earlier` would allow that `present` does not, in words; empty where it allows no more. A
 * container that only the earlier one has may do what some container of the present one may. Pure.
 */
export function raisesPrivileges(present: JsonRecord, earlier: JsonRecord): readonly string[] {
  const [now, then] = [partsOf(present), partsOf(earlier)];
  const raised = moreThan(now.pod, then.pod);
  // For a container without a counterpart: what some other one may do, and what holds all of them back.
  const others = together([...now.containers.values()]);
  const each = [...then.containers].flatMap(([name, wanted]) => {
    return moreThan(now.containers.get(name) ?? others, wanted).map((words) => `container ${name}: ${words}`);
  });
  return [...raised, ...each];
}

interface Parts {
  readonly pod: Privileges;
  readonly containers: ReadonlyMap<string, Privileges>;
}

function partsOf(template: JsonRecord): Parts {
  const spec = record(template['spec']);
  const annotations = texts(record(template['metadata'])['annotations']);
  const containers = [...containersOf(spec)].map(
    ([name, container]) => [name, containerPrivileges(container, spec, annotations)] as const,
  );
  return { pod: podPrivileges(spec), containers: new Map(containers) };
}

function moreThan(now: Privileges, then: Privileges): readonly string[] {
  return [...missing(then.has, now.has), ...missing(now.bound, then.bound)];
}

/** The same of all of them: whatever one may do, and what binds every one. */
function together(all: readonly Privileges[]): Privileges {
  const bound = new Map(all.flatMap((one) => [...one.bound]));
  const times = new Map<string, number>();
  for (const one of all)
    for (const key of one.bound.keys())
      if (!one.bound.has(wildcardOf(key)) || key === wildcardOf(key)) times.set(key, (times.get(key) ?? 0) + 1);
  const common = [...bound].filter(([key]) => {
    const wildcard = key === wildcardOf(key) ? 0 : (times.get(wildcardOf(key)) ?? 0);
    return (times.get(key) ?? 0) + wildcard === all.length;
  });
  return { has: new Map(all.flatMap((one) => [...one.has])), bound: new Map(common) };
}

function missing(wanted: ReadonlyMap<string, string>, by: ReadonlyMap<string, string>): readonly string[] {
  return [...wanted].flatMap(([key, words]) => (by.has(key) || by.has(wildcardOf(key)) ? [] : [words]));
}

/** The key that stands for all of its group. */
function wildcardOf(key: string): string {
  return `${key.slice(0, key.lastIndexOf(':'))}:*`;
}
