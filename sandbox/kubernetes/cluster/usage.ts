import { virtualNow, type SandboxClock } from '../../clock.ts';
import { chargedAt, workingSetOf } from './rows.ts';
import type { PodWorker } from '../kubelet/worker.ts';
import type { ObjectStore } from '../objects/object-store.ts';

/** What metrics-server last saw of one pod. */
export interface PodUsage {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Real ms UTC of the look. */
  readonly at: number;
  /** Real ms that the look averages CPU over. */
  readonly windowMs: number;
  readonly containers: readonly {
    readonly name: string;
    /** Working set, and CPU. */
    readonly usage: { readonly memoryBytes: number; readonly cpuNanoCores: number };
  }[];
}

/** What the resource metrics API reads. */
export interface MetricsSource {
  readonly pods: () => readonly PodUsage[];
}

/**
 * - `served`: metrics-server answers
 * - `unavailable`: the API is registered and its server does not answer: 503
 * - `absent`: nobody ever installed it: 404
 */
export type MetricsState = 'served' | 'unavailable' | 'absent';

/** How often metrics-server looks, virtual ms; never more often than so many real ms. */
const lookEveryMs = 15_000;
const shortestRealMs = 50;
const pageBytes = 4096;
const containerNanoCores = 12_000_000;

/**
 * What metrics-server knows of the living cluster: the working set at its last look. As with the real one a container
 * that was started after that look has no value yet, and then its pod has none.
 */
export function createUsageSource(
  store: ObjectStore,
  clock: SandboxClock,
  workers: () => readonly PodWorker[],
): MetricsSource {
  const everyRealMs = Math.max(shortestRealMs, lookEveryMs / clock.speed);
  const lastLook = (): number => Math.floor(clock.now() / everyRealMs) * everyRealMs;

  function podUsage({ run, clock: own }: PodWorker, at: number): PodUsage[] {
    const running = run.containers.filter(({ type, instance }) => type !== 'init' && instance !== null);
    const mains = run.containers.filter(({ type }) => type === 'container');
    if (mains.some(({ instance }) => instance === null || instance.startedAt > at)) return [];
    const containers = running.flatMap(({ spec, instance }) => {
      if (instance === null) return [];
      const bytes = workingSetOf(chargedAt(instance, virtualNow(own) - (clock.now() - at) * own.speed));
      const memoryBytes = Math.round(bytes / pageBytes) * pageBytes;
      return [{ name: spec.name, usage: { memoryBytes, cpuNanoCores: containerNanoCores } }];
    });
    const labels = store.get('pods', run.namespace, run.name)?.metadata.labels ?? {};
    return [{ namespace: run.namespace, name: run.name, labels, at, windowMs: everyRealMs, containers }];
  }

  return {
    pods: () => {
      const at = lastLook();
      return workers()
        .flatMap((worker) => podUsage(worker, at))
        .toSorted((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1));
    },
  };
}
