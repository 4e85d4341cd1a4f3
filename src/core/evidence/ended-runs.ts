import type { Trigger } from '../kill/trigger.ts';
import type { UsageHistory, UsageRun } from './evidence.ts';

/**
 * Runs that are over: known to be killed, or followed by another run in the same pod. What ended the latter is unknown,
 * but their usage is as good as any.
 */
export function endedRuns({ runs, siblings }: UsageHistory): readonly UsageRun[] {
  const all = [...runs, ...siblings];
  return all.filter(
    (run) => run.killedAt !== null || all.some((other) => other.pod === run.pod && beginsAt(other) > beginsAt(run)),
  );
}

/** Whether a run is, or may be, the run of its pod that a kill or a warning is about. A cgroup tells only the bare id. */
export function mayBeRunOf(
  run: Pick<UsageRun, 'pod' | 'containerId'>,
  trigger: Pick<Trigger, 'pod' | 'containerId'>,
): boolean {
  if (run.pod !== trigger.pod) return false;
  return run.containerId === null || trigger.containerId === null || trigger.containerId.endsWith(run.containerId);
}

/** ms UTC of the start, or of the first sample; 0 where there is neither. */
export function beginsAt(run: UsageRun): number {
  return run.startedAt ?? run.samples[0]?.t ?? 0;
}
