import type { Subject, Workload } from '../kill/kill.ts';
import { secondMs } from '../units/duration.ts';

/** A container of a pod that has not ended, as the pod says. Bytes and ms UTC; null = not said. */
export interface ContainerNow {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly workload: Workload;
  /** False while it waits, to be started (again) or for its back-off. */
  readonly isRunning: boolean;
  readonly containerId: string | null;
  readonly startedAt: number | null;
  /** Null where none is written, though it may be the limit then. */
  readonly requestBytes: number | null;
  /** Null without a limit, also where somebody wrote 0. */
  readonly limitBytes: number | null;
}

/** One sample of one container. */
export interface UsagePoint {
  /** ms UTC */
  readonly t: number;
  readonly bytes: number;
}

/** What one source saw of one container lately, oldest first. */
export interface UsageSeries {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** 64 hex digits of the container's id; null where the source does not tell runs apart. */
  readonly hex: string | null;
  readonly points: readonly UsagePoint[];
}

type Named = Pick<ContainerNow, 'namespace' | 'pod' | 'container'>;

/** Kubernetes' names hold no slash, so that this is unique in a cluster. */
export function containerKey({ namespace, pod, container }: Named): string {
  return `${namespace}/${pod}/${container}`;
}

/** The subject that an incident of this container would have. */
export function subjectOfContainer(cluster: string, { namespace, workload, container }: ContainerNow): Subject {
  return { cluster, namespace, workload, container };
}

/**
 * The points of the present run, oldest first, one per moment. A source shows a dead container for some
 * minutes beside the new one: the id tells them apart, else the start of the run.
 */
export function pointsOf(
  { isRunning, containerId, startedAt }: Pick<ContainerNow, 'isRunning' | 'containerId' | 'startedAt'>,
  allSeries: readonly UsageSeries[],
): readonly UsagePoint[] {
  if (!isRunning) return [];
  const own = allSeries.filter(({ hex }) => hex !== null && containerId?.endsWith(hex) === true);
  const chosen = own.length > 0 ? own : allSeries.filter(({ hex }) => hex === null);
  // `startedAt` has whole seconds.
  const since = startedAt === null ? -Infinity : startedAt - secondMs;
  const points = chosen
    .flatMap((series) => series.points)
    .filter(({ t, bytes }) => Number.isFinite(bytes) && bytes > 0 && t >= since)
    .toSorted((a, b) => a.t - b.t);
  return points.filter(({ t }, index) => t !== points[index - 1]?.t);
}
