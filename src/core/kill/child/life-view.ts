import { bareOrNull } from '../cgroup.ts';
import type { Exit } from '../detect/explain-exit.ts';
import type { ContainerView, PodView } from '../pod.ts';

/** One life of a container, from a start to its end. */
export interface LifeView {
  readonly pod: PodView;
  readonly container: ContainerView;
  /** Without the runtime's scheme. */
  readonly containerId: string;
}

/** The life that ended so; null where the status does not name it. */
export function lifeOf({ pod, container, termination }: Exit): LifeView | null {
  const containerId = bareOrNull(termination.containerId);
  return containerId === null ? null : { pod, container, containerId };
}

/** The container of this pod that has or had this life. */
export function findLife(pod: PodView, containerId: string): LifeView | null {
  const container = pod.containers.find((one) =>
    [one, ...one.terminations].some((life) => bareOrNull(life.containerId) === containerId),
  );
  return container === undefined ? null : { pod, container, containerId };
}

/** When it began, as the API writes it, and its id with the runtime's scheme; null where the status does not say. */
export function lifeStatus({ container, containerId }: LifeView): {
  readonly containerId: string | null;
  readonly startedAt: string | null;
} {
  const shown = [container, ...container.terminations].filter((one) => bareOrNull(one.containerId) === containerId);
  return {
    containerId: shown[0]?.containerId ?? null,
    startedAt: shown.find(({ startedAt }) => startedAt !== null)?.startedAt ?? null,
  };
}
