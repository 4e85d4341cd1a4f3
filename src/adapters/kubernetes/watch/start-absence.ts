import { joinAbsences, sightOf } from '../../../core/kill/absence.ts';
import type { Absence } from '../../../core/kill/absence.ts';
import type { Detection } from '../../../core/kill/detect/detection.ts';

export interface StartAbsence {
  /** For each stream of pods once; later ones change nothing. Resolves when all have said since when they were not read. */
  readonly join: (one: Absence) => Promise<void>;
  /** What happened while nobody watched says so. */
  readonly mark: (detection: Detection) => Detection;
}

/**
 * When nobody watched before a start: one absence for all streams of pods. It is known before any of them goes on, since
 * what one absence left is told together, and by when it began.
 */
export function createStartAbsence(streams: number): StartAbsence {
  const known = Promise.withResolvers<void>();
  let absence: Absence | null = null;
  let joined = 0;
  return {
    join: async (one) => {
      if (joined === streams) return;
      absence = joinAbsences(absence, one);
      joined += 1;
      if (joined === streams) known.resolve();
      await known.promise;
    },
    mark: (detection) => {
      const sight = absence === null ? null : sightOf(detection.kill, absence);
      return sight?.is === 'away' ? { ...detection, kill: { ...detection.kill, away: sight.absence } } : detection;
    },
  };
}
