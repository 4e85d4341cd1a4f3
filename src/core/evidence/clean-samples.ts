import type { Life, UsageSample } from './evidence.ts';
import { secondMs } from '../units/duration.ts';

/** A dying cgroup's last row can read next to nothing: its pages are gone, its files are not (recorded). */
const vanishedShare = 0.3;

/**
 * The samples of a life that say something about it: ascending, one per moment, finite and above zero, not after the
 * kill (cAdvisor's rows linger for 5 min), and without the row of the dying cgroup.
 */
export function cleanSamples(life: Life): readonly UsageSample[] {
  // `startedAt` and `finishedAt` have whole seconds.
  const end = life.killedAt === null ? Infinity : life.killedAt + secondMs;
  const start = life.startedAt === null ? -Infinity : life.startedAt - secondMs;
  const sorted = life.samples
    .filter(
      ({ t, workingSetBytes }) => Number.isFinite(workingSetBytes) && workingSetBytes > 0 && t >= start && t <= end,
    )
    .toSorted((a, b) => a.t - b.t);
  const single = sorted.filter((sample, index) => sample.t !== sorted[index - 1]?.t);
  const [before, last] = single.slice(-2);
  const vanished = before && last && last.workingSetBytes < before.workingSetBytes * vanishedShare;
  return vanished && life.killedAt !== null ? single.slice(0, -1) : single;
}
