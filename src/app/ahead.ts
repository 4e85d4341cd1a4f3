import { readContainers } from '../adapters/kubernetes/read/read-containers.ts';
import { readRunning } from '../adapters/kubernetes/read/read-running.ts';
import type { Transport } from '../adapters/kubernetes/transport/transport.ts';
import { createUsageNear } from '../adapters/prometheus/usage-near.ts';
import { containerKey } from '../core/evidence/usage-now.ts';
import type { ContainerNow, UsageSeries } from '../core/evidence/usage-now.ts';
import type { HearNeeds } from '../flow/ahead/hear-alerts.ts';
import { createLookAhead } from '../flow/ahead/look-ahead.ts';
import type { LookAheadNeeds } from '../flow/ahead/look-ahead.ts';
import type { UsageCheck } from '../flow/ahead/sample-usage.ts';
import type { WarnNeeds } from '../flow/ahead/warn.ts';
import type { WorkerNeeds } from '../flow/worker-needs.ts';
import type { ProcessContext } from './process.ts';
import type { UsageRunning } from './usage.ts';

const podMs = 5_000;

export function warnNeedsFor(cluster: string, transport: Transport, needs: WorkerNeeds): WarnNeeds {
  return { ...needs, cluster, running: (container) => readRunning(transport, container, podMs) };
}

/** Somebody's HTTP request waits meanwhile. */
const podsMs = 8_000;

/** `namespaces` are those that the worker is confined to; empty = all. */
export function hearNeedsFor(transport: Transport, needs: WarnNeeds, namespaces: readonly string[]): HearNeeds {
  return {
    ...needs,
    containers: async (namespace) =>
      namespaces.length > 0 && !namespaces.includes(namespace)
        ? []
        : (await readContainers(transport, [namespace], podsMs)).containers,
  };
}

/** Checks for kills that are about to happen, from each check of usage; null if that is turned off. */
export function lookAheadFor(
  { config, metrics }: ProcessContext,
  needs: WarnNeeds,
  usage: Pick<UsageRunning, 'source' | 'samples'>,
): ((check: UsageCheck) => Promise<void>) | null {
  const withinMs = config.OOMKEEPER_FORECAST_WITHIN;
  if (withinMs === 0) return null;
  const settledMs = needs.pace.runSettledMs;
  const readUsageNear = createUsageNear();
  const history: LookAheadNeeds['history'] = (containers) => {
    const source = usage.source();
    return source.is === 'prometheus'
      ? readUsageNear(source.url, containers, { deadlineMs: config.timing.evidenceDeadlineMs, settledMs })
      : sampled(containers, usage.samples);
  };
  return createLookAhead({ ...needs, withinMs, history, warned: (result) => metrics.warnings.inc({ result }) });
}

/** Without a Prometheus, stalls are not measured. */
async function sampled(
  containers: readonly ContainerNow[],
  samples: UsageRunning['samples'],
): Promise<{ readonly usage: readonly UsageSeries[]; readonly stalls: readonly UsageSeries[] }> {
  const points = await samples.read(containers.map(containerKey));
  const usage = containers.map((one): UsageSeries => {
    const { namespace, pod, container } = one;
    return { namespace, pod, container, hex: null, points: points.get(containerKey(one)) ?? [] };
  });
  return { usage, stalls: [] };
}
