import type { MetricsState, PodUsage } from '../cluster/usage.ts';
import type { JsonObject } from '../objects/object-store.ts';
import { formatBytes, formatQuantity } from '../objects/quantity.ts';
import type { ApiCall } from './api-call.ts';
import { serviceUnavailable, unknownPath } from './api-error.ts';
import { groupVersionOf, metricsGroup } from './coverage.ts';

/** What an aggregated API answers while nobody serves it. Throws 404 (never installed) or 503 (its server is away). */
export function requireMetrics(state: MetricsState, path: string): void {
  if (!path.startsWith(`/apis/${metricsGroup}/`)) return;
  if (state === 'absent') throw unknownPath();
  if (state === 'unavailable') throw serviceUnavailable();
}

/** Answers a list of pods as metrics-server does: nothing is stored, the list has no version, its items no kind. */
export function answerMetrics({ context, resource, namespace }: ApiCall): JsonObject {
  const podMetrics = ({ name, namespace: its, labels, at, windowMs, containers }: PodUsage): JsonObject => ({
    metadata: {
      name,
      namespace: its,
      creationTimestamp: context.timestamp(),
      ...(Object.keys(labels).length === 0 ? {} : { labels: { ...labels } }),
    },
    timestamp: context.timestamp(at),
    window: `${(windowMs / 1000).toFixed(3)}s`,
    containers: containers.map(({ name: container, usage }) => ({
      name: container,
      usage: {
        cpu: formatQuantity({ nano: BigInt(Math.round(usage.cpuNanoCores)), format: 'decimal' }),
        memory: formatBytes(usage.memoryBytes),
      },
    })),
  });
  return {
    kind: `${resource.kind}List`,
    apiVersion: groupVersionOf(resource),
    metadata: {},
    items: context.metrics.source
      .pods()
      .filter((each) => namespace === undefined || each.namespace === namespace)
      .map(podMetrics),
  };
}
