import type { Trigger } from '../kill/trigger.ts';
import type { Findings } from './evidence.ts';
import { tightLevel } from './shape/run-shape.ts';
import { samplesBefore } from './samples-before.ts';

/** What a cgroup was charged with before a kill, beside what its processes really need. Bytes. */
export interface Charged {
  /** All of it: the kernel compares this with the limit. */
  readonly bytes: number;
  readonly workingSetBytes: number;
  /** Files that the kernel takes back first: what the working set leaves out (inactive file pages). */
  readonly idleFileBytes: number;
}

/**
 * In the four labelled containers that read more files than fit, usage is 99.6 to 99.8 % of the limit in every sample.
 * The kernel charges in batches of 64 pages for each CPU.
 */
const fullShare = 0.98;

/** The last sample before a kill that has both measures; null without one. */
export function chargedBefore(findings: Findings, trigger: Trigger): Charged | null {
  const last = samplesBefore(findings, trigger).findLast(({ usageBytes }) => usageBytes !== undefined);
  if (last?.usageBytes === undefined) return null;
  const { usageBytes: bytes, workingSetBytes, cacheBytes = Infinity } = last;
  return { bytes, workingSetBytes, idleFileBytes: Math.min(cacheBytes, Math.max(0, bytes - workingSetBytes)) };
}

/**
 * Whether a limit is full of files that were read or written while the working set is small. Healthy services stay like
 * that for ever: the kernel takes such pages back, and kills only where that fails.
 */
export function isFullOfFiles({ bytes, workingSetBytes, idleFileBytes }: Charged, limitBytes: number): boolean {
  const withoutFiles = bytes - idleFileBytes;
  return bytes >= limitBytes * fullShare && Math.max(workingSetBytes, withoutFiles) < limitBytes * tightLevel;
}
