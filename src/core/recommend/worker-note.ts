import type { Facts } from '../diagnose/facts.ts';
import { workersOf } from '../diagnose/runtimes/python.ts';
import { formatBytes } from '../units/quantity.ts';

/** What a raise means for a server with worker processes, which all count against one limit; '' for anything else. */
export function workerNote({ findings, last }: Facts): string {
  const workers = findings.spec.found ? workersOf(findings.spec.value) : null;
  if (workers === null || workers.count === null || workers.count < 2) return '';
  const each = last === null ? '' : `, about ${formatBytes(last.bytes / workers.count)} each at the last sample`;
  return ` ${workers.server} shares it among ${workers.count} workers${each}: fewer workers need less.`;
}

/** What holds a leak in worker processes down until it is fixed; '' for anything else, and where it is set already. */
export function recycleNote({ findings }: Facts): string {
  const workers = findings.spec.found ? workersOf(findings.spec.value) : null;
  if (workers === null || workers.recycles) return '';
  return ` Until it is fixed, ${workers.recycleOption} of ${workers.server} replaces each worker before it has grown that far.`;
}
