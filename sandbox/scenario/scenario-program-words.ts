import { isObject } from '../kubernetes/objects/json-value.ts';

/**
 * A program as one list of points, from any way of saying which revision they belong to: `revision` in each point,
 * an object of lists (`1: [...]`), a list of lists, or a list of `{revision, program}`.
 */
export function usualProgram(program: unknown): unknown {
  if (isObject(program)) {
    const parts = Object.entries(program);
    const numbered = parts.every(([key]) => /^(?:revision[-_ ]?)?\d+$/.test(key));
    if (!numbered) return program;
    return parts.flatMap(([key, points]) => pointsOf(points, Number(/\d+$/.exec(key)?.[0])));
  }
  if (!Array.isArray(program)) return program;
  return program.flatMap((part: unknown, index) => {
    if (Array.isArray(part)) return pointsOf(part, index + 1);
    if (!isObject(part)) return [part];
    const points = part['program'] ?? part['points'];
    return points === undefined ? pointsOf([part]) : pointsOf(points, part['revision'] ?? index + 1);
  });
}

function pointsOf(points: unknown, revision?: unknown): readonly unknown[] {
  if (!Array.isArray(points)) return [points];
  return points.map((point: unknown) => {
    if (!isObject(point)) return point;
    const { revision: own, ...rest } = point;
    const of = own ?? revision;
    return of === undefined ? rest : { ...rest, revision: of };
  });
}
