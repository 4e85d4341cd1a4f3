import type { ModuleFacts } from './read-module.ts';

/** Modules that import each other, directly or by way of others, types included; each circle once, by path. */
export function cycles(modules: readonly ModuleFacts[]): readonly (readonly string[])[] {
  const imports = new Map(
    modules.map(({ path, imports: all }) => [path, all.filter(({ isOwn }) => isOwn).map(({ target }) => target)]),
  );
  const reached = new Map(modules.map(({ path }) => [path, reachedFrom(path, imports)]));
  const circles = modules
    .filter(({ path }) => reached.get(path)?.has(path))
    .map(({ path }) => [...(reached.get(path) ?? [])].filter((other) => reached.get(other)?.has(path)).toSorted());
  return [...new Map(circles.map((circle) => [circle.join(), circle])).values()];
}

/** All that a module imports, and what that imports; the module itself only where one of them imports it. */
function reachedFrom(path: string, imports: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting = [...(imports.get(path) ?? [])];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    waiting.push(...(imports.get(next) ?? []));
  }
  return found;
}
