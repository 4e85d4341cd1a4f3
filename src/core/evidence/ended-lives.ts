import type { Trigger } from '../kill/trigger.ts';
import type { Life, UsageHistory } from './evidence.ts';

/**
 * Lives that are over: known to be killed, or followed by another life in the same pod. What ended the latter is not
 * known, but how usage went in them is as good as any.
 */
export function endedLives({ lives, siblings }: UsageHistory): readonly Life[] {
  const all = [...lives, ...siblings];
  return all.filter(
    (life) => life.killedAt !== null || all.some((other) => other.pod === life.pod && beginsAt(other) > beginsAt(life)),
  );
}

/** Whether a life is, or may be, the run of its pod that a kill or a warning is about. A cgroup tells only the bare id. */
export function mayBeRunOf(
  life: Pick<Life, 'pod' | 'containerId'>,
  trigger: Pick<Trigger, 'pod' | 'containerId'>,
): boolean {
  if (life.pod !== trigger.pod) return false;
  return life.containerId === null || trigger.containerId === null || trigger.containerId.endsWith(life.containerId);
}

/** ms UTC of the start, or of the first sample; 0 where there is neither. */
export function beginsAt(life: Life): number {
  return life.startedAt ?? life.samples[0]?.t ?? 0;
}
