import type { PodUsage, UsagePeak, UsageSample } from '../../core/evidence/evidence.ts';
import { cgroupsOf } from './cgroups.ts';
import type { Range, Series } from './query-range.ts';
import { WORKING_SET } from './selector.ts';

/** What pods used as a whole, from the rows of their own cgroups; the pause container's are left out. */
export function podRows(series: readonly Series[]): readonly PodUsage[] {
  const rows = cgroupsOf(series.filter(({ labels }) => (labels['name'] ?? '') === ''));
  return rows
    .filter(({ hex }) => hex === null)
    .map(({ pod, byMetric }) => {
      const [cache, usage] = ['container_memory_cache', 'container_memory_usage_bytes'].map(
        (metric) => new Map(byMetric.get(metric)?.map(({ t, v }) => [t, v])),
      );
      const samples = (byMetric.get(WORKING_SET) ?? []).map(({ t, v }): UsageSample => {
        const [cacheBytes, usageBytes] = [cache?.get(t), usage?.get(t)];
        return {
          t,
          workingSetBytes: v,
          ...(cacheBytes === undefined ? {} : { cacheBytes }),
          ...(usageBytes === undefined ? {} : { usageBytes }),
        };
      });
      return { pod, samples };
    })
    .filter(({ samples }) => samples.length > 0);
}

/** The most of each step; a step ends with the moment at which it was asked for, the present one now. */
export function peaksOf(series: readonly Series[], { stepMs }: Range, now: number): readonly UsagePeak[] {
  const points = series.flatMap((one) => one.points).filter(({ v }) => v > 0);
  return points.map(({ t, v }) => ({ from: t - stepMs, to: Math.min(t, now), bytes: v }));
}
