import { record, texts } from '../kill/json-read.ts';
import type { JsonRecord } from '../kill/json-read.ts';
import { containerPrivileges, containersOf, podPrivileges } from './privileges-of.ts';
import type { Privileges } from './privileges-of.ts';

/**
 * What a pod template `earlier` would allow that `present` does not, in words; empty where it allows no more. A
 * container that only the earlier one has may do what some container of the present one may. Pure.
 */
export function raisesPrivileges(present: JsonRecord, earlier: JsonRecord): readonly string[] {
  const [now, then] = [partsOf(present), partsOf(earlier)];
  const raised = moreThan(now.pod, then.pod);
  const others = [...now.containers.values()];
  const each = [...then.containers].flatMap(([name, wanted]) => {
    const own = now.containers.get(name);
    const more = own ? moreThan(own, wanted) : moreThanAny(others, wanted);
    return more.map((words) => `container ${name}: ${words}`);
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

/** For a container without a counterpart: more than every one of the others allows. */
function moreThanAny(others: readonly Privileges[], then: Privileges): readonly string[] {
  const gained = others.reduce((left, now) => missingKeys(left, now.has), then.has);
  const [first, ...rest] = others.map(({ bound }) => bound);
  const common = [...(first ?? [])].filter(([key]) => rest.every((bound) => isCovered(key, bound)));
  return [...gained.values(), ...missing(new Map(common), then.bound)];
}

function missing(wanted: ReadonlyMap<string, string>, by: ReadonlyMap<string, string>): readonly string[] {
  return [...missingKeys(wanted, by).values()];
}

function missingKeys(
  wanted: ReadonlyMap<string, string>,
  by: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  return new Map([...wanted].filter(([key]) => !isCovered(key, by)));
}

function isCovered(key: string, by: ReadonlyMap<string, string>): boolean {
  const group = key.slice(0, key.lastIndexOf(':'));
  return by.has(key) || by.has(`${group}:*`);
}
