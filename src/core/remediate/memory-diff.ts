import { formatQuantity } from '../units/quantity.ts';
import type { Memory } from './plan.ts';

/** A unified diff of a container's memory, in the YAML that people write. `title` names the object. */
export function memoryDiff(title: string, from: Memory, to: Memory): string {
  return [
    `--- ${title}`,
    `+++ ${title}`,
    '   resources:',
    '     limits:',
    ...changed(from.limitBytes, to.limitBytes),
    '     requests:',
    ...changed(from.requestBytes, to.requestBytes),
  ].join('\n');
}

function changed(from: number | null, to: number | null): string[] {
  if (from === to) return from === null ? [] : [`       memory: ${formatQuantity(from)}`];
  return [
    ...(from === null ? [] : [`-      memory: ${formatQuantity(from)}`]),
    ...(to === null ? [] : [`+      memory: ${formatQuantity(to)}`]),
  ];
}
