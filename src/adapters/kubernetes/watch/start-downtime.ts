import { joinDowntimes, sightOf } from '../../../core/kill/downtime.ts';
import type { Downtime } from '../../../core/kill/downtime.ts';
import type { Detection } from '../../../core/kill/detect/detection.ts';

export interface StartDowntime {
  /** For each stream of pods once; later ones change nothing. Resolves when all have said since when they were not read. */
  readonly join: (one: Downtime) => Promise<void>;
  /** What happened while nobody watched says so. */
  readonly annotate: (detection: Detection) => Detection;
}

/**
 * When nobody watched before a start: one downtime for all streams of pods. It is known before any of them goes on, since
 * what one downtime left is told together, and by when it began.
 */
export function createStartDowntime(streams: number): StartDowntime {
  const known = Promise.withResolvers<void>();
  let downtime: Downtime | null = null;
  let joined = 0;
  return {
    join: async (one) => {
      if (joined === streams) return;
      downtime = joinDowntimes(downtime, one);
      joined += 1;
      if (joined === streams) known.resolve();
      await known.promise;
    },
    annotate: (detection) => {
      const sight = downtime === null ? null : sightOf(detection.kill, downtime);
      return sight?.is === 'offline' ? { ...detection, kill: { ...detection.kill, away: sight.downtime } } : detection;
    },
  };
}
