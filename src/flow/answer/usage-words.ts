import type { Sampling } from '../../core/evidence/sampled-history.ts';
import { clockTime } from '../../core/talk/words.ts';
import { formatDuration } from '../../core/units/duration.ts';
import type { UsageSource } from './question-needs.ts';

/** Where usage comes from, for `/oom status`. */
export function usageWords(source: UsageSource, sampling: Sampling | null, now: number): string {
  if (source.is === 'prometheus') return source.words;
  const none = `${source.why} (${source.details})`;
  if (sampling === null) return `${none}, and sampling of metrics.k8s.io has not begun`;
  if (sampling.problem !== null) return `${none}, and ${sampling.problem}`;
  const many = sampling.kept === 1 ? '1 container' : `${sampling.kept} containers`;
  return `metrics.k8s.io, sampled every ${formatDuration(sampling.everyMs)} since ${clockTime(sampling.since, now)}, ${many} at the last look; ${none}`;
}
