import { isNewVariable, isRemoval } from '../recommend/env-change.ts';
import type { EnvChange } from '../recommend/env-change.ts';
import { changedWords } from '../recommend/env-words.ts';
import { formatQuantity } from '../units/quantity.ts';
import type { Memory } from './plan.ts';

/** A unified diff of a container's memory and heap flags, in the YAML that people write. `title` names the object. */
export function memoryDiff(title: string, from: Memory, to: Memory, env: readonly EnvChange[] = []): string {
  return [
    `--- ${title}`,
    `+++ ${title}`,
    '   resources:',
    '     limits:',
    ...changed(from.limitBytes, to.limitBytes),
    '     requests:',
    ...changed(from.requestBytes, to.requestBytes),
    ...(env.length === 0 ? [] : ['   env:']),
    ...env.flatMap((one) => {
      const { gone, added } = changedWords(one);
      const others = one.others ? '… ' : '';
      return [
        `     - name: ${one.name}`,
        ...(isNewVariable(one) ? [] : [`-      value: ${others}${gone}`.trimEnd()]),
        ...(isRemoval(one) ? [] : [`+      value: ${others}${added}`.trimEnd()]),
      ];
    }),
  ].join('\n');
}

function changed(from: number | null, to: number | null): string[] {
  if (from === to) return from === null ? [] : [`       memory: ${formatQuantity(from)}`];
  return [
    ...(from === null ? [] : [`-      memory: ${formatQuantity(from)}`]),
    ...(to === null ? [] : [`+      memory: ${formatQuantity(to)}`]),
  ];
}
