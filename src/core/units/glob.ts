import { z } from 'zod';

/** Patterns for names of Kubernetes, at least one; `*` stands for any letters, none too. */
export const globsSchema = z.array(z.string().regex(/^[a-z0-9*-]+$/, 'a name, with * for any letters')).min(1);

/** Whether a name is meant by a pattern. */
export function matchesGlob(glob: string, name: string): boolean {
  // A policy may have hundreds of routes, and most of them name one namespace.
  if (!glob.includes('*')) return glob === name;
  const pattern = glob
    .split('*')
    .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join('.*');
  return new RegExp(`^${pattern}$`).test(name);
}
