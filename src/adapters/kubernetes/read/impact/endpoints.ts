import { record, records, text } from '../../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../../core/kill/json-read.ts';
import { bounded } from '../../../../core/units/text-bounds.ts';
import { keepPages } from '../../transport/list-pages.ts';
import type { Transport } from '../../transport/transport.ts';

const serviceLabel = 'kubernetes.io/service-name';
/** Nobody is told of more. */
const mostServices = 10;

/** One slice of a Service's endpoints: the pods in it, and how many of them are ready. */
export interface ServiceEndpoints {
  readonly service: string;
  readonly pods: readonly string[];
  readonly ready: number;
}

/** All EndpointSlices of a namespace: nothing selects those of a workload's pods. @throws Failure */
export async function readEndpoints(
  transport: Transport,
  namespace: string,
  deadlineMs: number,
): Promise<readonly ServiceEndpoints[]> {
  const path = `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/endpointslices`;
  const slices = await keepPages(transport, { path, endsAt: Date.now() + deadlineMs }, withoutPlaces);
  return slices.flatMap(endpointsOf);
}

/** Services that lead to one of these pods and to no pod that is ready. Pure. */
export function unservedBy(slices: readonly ServiceEndpoints[], pods: ReadonlySet<string>): string[] {
  const services = new Set(slices.filter((slice) => slice.pods.some((pod) => pods.has(pod))).map((one) => one.service));
  const served = new Set(slices.filter(({ ready }) => ready > 0).map(({ service }) => service));
  return [...services]
    .filter((service) => !served.has(service))
    .toSorted()
    .slice(0, mostServices);
}

/** Without addresses and nodes, which are most of it. */
function withoutPlaces(slice: JsonRecord): JsonRecord {
  return {
    metadata: { labels: record(record(slice['metadata'])['labels']) },
    endpoints: records(slice['endpoints']).map(({ conditions, targetRef }) => ({ conditions, targetRef })),
  };
}

function endpointsOf(slice: JsonRecord): ServiceEndpoints[] {
  const service = text(record(record(slice['metadata'])['labels'])[serviceLabel]);
  if (service === null) return [];
  const endpoints = records(slice['endpoints']);
  return [
    {
      service: bounded(service, 'name'),
      pods: endpoints.flatMap(({ targetRef }) => {
        const { kind, name } = record(targetRef);
        return kind === 'Pod' && typeof name === 'string' ? [bounded(name, 'name')] : [];
      }),
      // "A nil value should be interpreted as true" (discovery/v1, EndpointConditions).
      ready: endpoints.filter(({ conditions }) => record(conditions)['ready'] !== false).length,
    },
  ];
}
