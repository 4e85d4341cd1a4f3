import { virtualNow, type SandboxClock } from '../../clock.ts';
import { chargedAt, workingSetOf } from './rows.ts';
import type { PodWorker } from '../kubelet/worker.ts';
import type { MetricsSource, PodUsage, Usage } from './metrics-source.ts';
import type { ObjectStore } from '../objects/object-store.ts';

/** How often metrics-server looks, virtual ms; never more often than so many real ms. */
const lookEveryMs = 15_000;
const shortestRealMs = 50;
const pageBytes = 4096;
/** What a node uses beside its pods. */
const systemBytes = 900 * 2 ** 20;
const containerNanoCores = 12_000_000;
const systemNanoCores = 150_000_000;

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
    const running = run.containers.filter(({ type, life }) => type !== 'init' && life !== null);
    const mains = run.containers.filter(({ type }) => type === 'container');
    if (mains.some(({ life }) => life === null || life.startedAt > at)) return [];
    const containers = running.flatMap(({ spec, life }) => {
      if (life === null) return [];
      const bytes = workingSetOf(chargedAt(life, virtualNow(own) - (clock.now() - at) * own.speed));
      const memoryBytes = Math.round(bytes / pageBytes) * pageBytes;
      return [{ name: spec.name, usage: { memoryBytes, cpuNanoCores: containerNanoCores } }];
    });
    const labels = store.get('pods', run.namespace, run.name)?.metadata.labels ?? {};
    return [{ namespace: run.namespace, name: run.name, labels, at, windowMs: everyRealMs, containers }];
  }

  const pods = (): readonly PodUsage[] => {
    const at = lastLook();
    return workers()
      .flatMap((worker) => podUsage(worker, at))
      .toSorted((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1));
  };

  return {
    pods,
    nodes: () => {
      const measured = pods();
      return store.list('nodes').map(({ metadata: { name, labels = {} } }) => {
        const here = measured.filter((pod) => store.get('pods', pod.namespace, pod.name)?.spec?.['nodeName'] === name);
        const system: Usage = { memoryBytes: systemBytes, cpuNanoCores: systemNanoCores };
        const usage = here.flatMap(({ containers }) => containers).reduce((sum, each) => add(sum, each.usage), system);
        return { name, labels, at: lastLook(), windowMs: everyRealMs, usage };
      });
    },
  };
}

function add(a: Usage, b: Usage): Usage {
  return { memoryBytes: a.memoryBytes + b.memoryBytes, cpuNanoCores: a.cpuNanoCores + b.cpuNanoCores };
}
