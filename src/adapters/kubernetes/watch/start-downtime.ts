import { joinDowntimes, sightOf } from '../../../core/kill/downtime.ts';
import type { Downtime } from '../../../core/kill/downtime.ts';
import type { Detection } from '../../../core/kill/detect/detection.ts';

export interface StartDowntime {
  /** Once for each stream of pods; later calls change nothing. Resolves when all streams have reported. */
  readonly join: (one: Downtime) => Promise<void>;
  /** Adds the downtime to a detection that happened during it. */
  readonly annotate: (detection: Detection) => Detection;
}

/**
 * The downtime before a start, one for all streams of pods. It is known before any of them goes on, because its kills
 * are posted together, grouped by its beginning.
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
