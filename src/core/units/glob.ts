import { z } from 'zod';

/** Patterns for names of Kubernetes, at least one; `*` stands for any letters, none too. */
export const globsSchema = z.array(z.string().regex(/^[a-z0-9*-]+$/, 'a name, with * for any letters')).min(1);

/** Whether a name is meant by a pattern. Nothing is compiled: each incident asks every route of a policy. */
export function matchesGlob(glob: string, name: string): boolean {
  const [first = '', ...between] = glob.split('*');
  const last = between.pop();
  if (last === undefined) return glob === name;
  const end = name.length - last.length;
  if (first.length > end || !name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const part of between) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= end;
}
