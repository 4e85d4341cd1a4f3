import type { RedisClient } from '../adapters/redis/redis-client.ts';
import { readKubeletCounts } from '../adapters/kubernetes/read/kubelet-counts.ts';
import type { Transport } from '../adapters/kubernetes/transport/transport.ts';
import { getObject } from '../adapters/kubernetes/read/workload-objects.ts';
import { readCounterHistory } from '../adapters/prometheus/counter-history.ts';
import { readOomCounts } from '../adapters/prometheus/oom-counts.ts';
import { clusterKeys } from '../adapters/redis/keys.ts';
import { takeLease } from '../adapters/redis/lease.ts';
import type { Kill } from '../core/kill/kill.ts';
import type { OomCount } from '../core/kill/oom-count.ts';
import { readPod } from '../core/kill/pod.ts';
import type { PodView } from '../core/kill/pod.ts';
import type { Admission, Store } from '../flow/needs.ts';
import { createCounterWatch } from '../flow/watch-counters.ts';
import { every } from './every.ts';
import type { ProcessContext } from './process.ts';
import type { UsageRunning } from './usage.ts';

export interface CountersNeeds {
  readonly cluster: string;
  /** Role `store`. */
  readonly redis: RedisClient;
  readonly transport: Transport;
  readonly store: Pick<Store, 'isAdmitted' | 'childRuns' | 'suspects'>;
  readonly usage: Pick<UsageRunning, 'source'>;
  readonly admit: (kill: Kill) => Promise<Admission>;
}

/** Watches the counters of kernel kills: in Prometheus if there is one, else in the kubelets if that is configured. */
export function startCounters(context: ProcessContext, needs: CountersNeeds): void {
  const { config, log, metrics } = context;
  const { cluster, redis, transport, usage } = needs;
  const deadlineMs = config.timing.evidenceDeadlineMs;

  async function countsAgo(agoMs: number): Promise<readonly OomCount[] | null> {
    const source = usage.source();
    const namespaces = config.OOMKEEPER_NAMESPACES;
    if (source.is === 'prometheus')
      return readOomCounts(source.url, { namespaces, at: Date.now() - agoMs, zeros: agoMs > 0, deadlineMs });
    if (config.OOMKEEPER_KUBELET_METRICS === 'off') return null;
    // A kubelet has only present values.
    if (agoMs > 0) return [];
    const { counts, problems } = await readKubeletCounts(transport, { namespaces, deadlineMs, now: Date.now() });
    for (const problem of problems) log.warn({ problem }, 'kubelet not read');
    return counts;
  }

  async function podOf({ namespace, pod }: OomCount): Promise<PodView | null> {
    return readPod(await getObject(transport, { kind: 'Pod', name: pod }, namespace, deadlineMs));
  }

  const watch = createCounterWatch({
    cluster,
    everyMs: config.OOMKEEPER_SAMPLE_EVERY,
    lookBackMs: config.OOMKEEPER_LOOK_BACK,
    counts: countsAgo,
    podOf,
    history: async (count, since) => {
      const source = usage.source();
      // A kubelet has only present values.
      if (source.is !== 'prometheus') return null;
      return readCounterHistory(source.url, count, { from: since, to: Date.now(), deadlineMs });
    },
    store: needs.store,
    admit: async (kill) => {
      const admission = await needs.admit(kill);
      metrics.admissions.inc({ result: admission.is });
      return admission;
    },
    lease: (forMs) => takeLease(redis, clusterKeys(cluster).countersLease, forMs),
    onUnreported: ({ namespace, pod, container, value }, reason) =>
      log.info({ reason, pod: `${namespace}/${pod}`, container, value }, 'counted kills not reported'),
    now: Date.now,
  });
  const watching = every(
    config.OOMKEEPER_SAMPLE_EVERY,
    async () => {
      if (!context.stopping.aborted) await watch.round();
    },
    (error) => log.warn({ error }, 'counters of kernel kills could not be read'),
  );
  context.add({ name: 'counters', stop: watching.stop });
}
