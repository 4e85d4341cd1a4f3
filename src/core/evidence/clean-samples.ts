import type { UsageRun, UsageSample } from './evidence.ts';
import { secondMs } from '../units/duration.ts';

/** A dying cgroup's last row can read next to nothing: its pages are gone, its files are not (recorded). */
const vanishedShare = 0.3;

/**
 * The usable samples of a run: ascending, one per moment, finite and above zero, not after the kill (cAdvisor's rows
 * linger for 5 min), and without the row of the dying cgroup.
 */
export function cleanSamples(run: UsageRun): readonly UsageSample[] {
  // `startedAt` and `finishedAt` have whole seconds.
  const end = run.killedAt === null ? Infinity : run.killedAt + secondMs;
  const start = run.startedAt === null ? -Infinity : run.startedAt - secondMs;
  const sorted = run.samples
    .filter(
      ({ t, workingSetBytes }) => Number.isFinite(workingSetBytes) && workingSetBytes > 0 && t >= start && t <= end,
    )
    .toSorted((a, b) => a.t - b.t);
  const single = sorted.filter((sample, index) => sample.t !== sorted[index - 1]?.t);
  const [before, last] = single.slice(-2);
  const vanished = before && last && last.workingSetBytes < before.workingSetBytes * vanishedShare;
  return vanished && run.killedAt !== null ? single.slice(0, -1) : single;
}
