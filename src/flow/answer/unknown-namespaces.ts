import { nearNames, type Unknown } from '../../core/talk/scope.ts';
import type { QuestionNeeds } from './question-needs.ts';

/**
 * Which of these namespaces do not exist, with the nearest that do. `seen` are names that something was seen in. Where
 * the worker may not list namespaces nothing is said to be missing, unless it is confined to others.
 */
export async function unknownNamespaces(
  names: readonly string[],
  seen: readonly string[],
  deadlineMs: number,
  needs: Pick<QuestionNeeds, 'namespaces' | 'namespaceNames'>,
): Promise<Unknown[]> {
  const missing = names.filter((name) => !seen.includes(name));
  if (missing.length === 0) return [];
  const listed = await needs.namespaceNames(deadlineMs);
  const existing = listed ?? needs.namespaces;
  if (existing.length === 0) return [];
  const all = [...new Set([...existing, ...seen])];
  return missing.filter((name) => !all.includes(name)).map((name) => ({ name, near: [...nearNames(name, all)] }));
}
