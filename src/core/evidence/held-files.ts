import { killedAtMs } from '../kill/kill.ts';
import type { Kill } from '../kill/kill.ts';
import type { Trigger } from '../kill/trigger.ts';
import { secondMs } from '../units/duration.ts';
import type { UsageHistory, UsageSample } from './evidence.ts';

/**
 * Share of the limit from which on what a pod held between two runs is a reason: in the recorded round it held 0.87;
 * innocent volumes of the labelled traces hold up to 0.03.
 */
export const heldShare = 0.4;

/** What a pod held in memory while none of the runs that are known was going on. */
export interface HeldFiles {
  /** Bytes. */
  readonly bytes: number;
  /** Whether the pod's files were measured; else it is all that the pod used, other containers included. */
  readonly isMeasured: boolean;
}

/**
 * The files that were in the memory of a pod when its container was started again. No process of the killed runs holds
 * them, so they outlived one: files in a memory-backed volume do, page cache goes as soon as memory is short. Null before
 * the first restart and where no sample of the pod fell between its end and the next start. `kills` are oldest first.
 */
export function heldFiles(
  { pods }: Pick<UsageHistory, 'pods'>,
  trigger: Trigger,
  kills: readonly Kill[],
): HeldFiles | null {
  const startedAt = Date.parse(trigger.startedAt ?? '');
  const ends = kills
    .filter(({ pod, fingerprint }) => pod === trigger.pod && fingerprint !== trigger.fingerprint)
    .map(killedAtMs);
  const endedAt = Math.max(...ends.filter((at) => at <= startedAt + secondMs));
  if (endedAt === -Infinity) return null;
  const own = pods?.find(({ pod }) => pod === trigger.pod)?.samples ?? [];
  // NOTE: times of starts and ends have whole seconds, and a new run holds next to nothing in its first one.
  const last = own.findLast(({ t }) => t > endedAt + secondMs && t <= startedAt + secondMs);
  if (last === undefined) return null;
  const files = filesIn(last);
  return {
    bytes: files ?? last.workingSetBytes,
    isMeasured: files !== null,
  };
}

/** What of a working set is files, bytes; null where neither cache nor rss was measured. */
export function filesIn({ workingSetBytes, rssBytes, cacheBytes }: UsageSample): number | null {
  const rest = rssBytes === undefined ? null : Math.max(0, workingSetBytes - rssBytes);
  if (cacheBytes === undefined) return rest;
  return Math.min(workingSetBytes, cacheBytes, rest ?? Infinity);
}
