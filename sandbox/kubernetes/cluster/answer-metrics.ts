import type { ApiCall } from '../server/api-call.ts';
import { serviceUnavailable, notFound, unknownPath } from '../server/api-error.ts';
import { groupVersionOf, metricsGroup } from '../server/coverage.ts';
import type { ApiResource } from '../server/coverage.ts';
import { parseListOptions } from '../objects/list-options.ts';
import type { MetricsState, NodeUsage, PodUsage, Usage } from './metrics-source.ts';
import { formatQuantity } from '../admission/quantity.ts';
import type { JsonObject, KubeObject } from '../objects/object-store.ts';

/** What an aggregated API answers while nobody serves it. Throws 404 (never installed) or 503 (its server is away). */
export function requireMetrics(state: MetricsState, path: string): void {
  if (path !== `/apis/${metricsGroup}` && !path.startsWith(`/apis/${metricsGroup}/`)) return;
  if (state === 'absent') throw unknownPath();
  if (state === 'unavailable') throw serviceUnavailable();
}

/** Answers get and list of pods and nodes as metrics-server does: nothing is stored, a list has no version. */
export function answerMetrics(call: ApiCall, name: string | undefined): JsonObject {
  const { context, resource, namespace, query } = call;
  const all = resource.namespaced
    ? context.metrics.source.pods().filter((each) => namespace === undefined || each.namespace === namespace)
    : context.metrics.source.nodes();
  const objects = all.map((each) => metricsObject(call, each));
  if (name !== undefined) {
    const found = objects.find(({ metadata }) => metadata.name === name);
    if (found !== undefined) return { kind: found.kind, apiVersion: found.apiVersion, ...shown(found) };
    const asked = { ...resource, name: resource.kind.toLowerCase() };
    throw notFound(asked, namespace === undefined ? name : `${namespace}/${name}`);
  }
  const { matches } = parseListOptions(selectable(resource), query, false);
  return {
    kind: `${resource.kind}List`,
    apiVersion: groupVersionOf(resource),
    metadata: {},
    items: objects.filter(matches).map(shown),
  };
}

/** Items of a list carry no kind; what was never stored has neither uid nor version. */
function shown({ kind: _kind, apiVersion: _apiVersion, metadata, ...rest }: KubeObject): JsonObject {
  const { uid: _uid, resourceVersion: _version, ...kept } = metadata;
  return { metadata: kept, ...rest };
}

/** Metrics can be selected by the fields that every object has, not by those of pods. */
function selectable(resource: ApiResource): ApiResource {
  return { ...resource, name: resource.kind };
}

function metricsObject({ context, resource }: ApiCall, measured: PodUsage | NodeUsage): KubeObject {
  const { name, labels, at, windowMs } = measured;
  return {
    kind: resource.kind,
    apiVersion: groupVersionOf(resource),
    metadata: {
      name,
      ...('namespace' in measured ? { namespace: measured.namespace } : {}),
      uid: '',
      resourceVersion: '',
      creationTimestamp: context.timestamp(),
      ...(Object.keys(labels).length === 0 ? {} : { labels: { ...labels } }),
    },
    timestamp: context.timestamp(at),
    window: `${(windowMs / 1000).toFixed(3)}s`,
    ...('containers' in measured
      ? { containers: measured.containers.map((each) => ({ name: each.name, usage: quantities(each.usage) })) }
      : { usage: quantities(measured.usage) }),
  };
}

function quantities({ cpuNanoCores, memoryBytes }: Usage): JsonObject {
  return {
    cpu: formatQuantity({ nano: BigInt(Math.round(cpuNanoCores)), format: 'decimal' }),
    memory: formatQuantity({ nano: BigInt(Math.round(memoryBytes)) * 1_000_000_000n, format: 'binary' }),
  };
}
