import type { Call, Transport } from '../../adapters/kubernetes/transport/transport.ts';
import type { TraceInput } from '../../adapters/recording/read-trace.ts';
import { Failure } from '../../core/failure.ts';
import { record, records, text } from '../../core/kill/json-read.ts';
import type { JsonRecord } from '../../core/kill/json-read.ts';
import { podObject } from './trace-pods.ts';
import type { TracePod } from './trace-pods.ts';

/**
 * An API server that knows what a trace knows and nothing else, as it would be at the moment `at` (ms UTC): what reads a
 * cluster for the worker reads a trace unchanged. What is not in the trace does not exist.
 */
export function createTraceTransport(
  trace: TraceInput,
  pods: readonly TracePod[],
  { at, ending }: { readonly at: number; readonly ending: JsonRecord | null },
): Transport {
  const objects = pods.map((pod) => podObject(trace, pod, at, ending));
  const shownPod = text(record(trace.pod?.['metadata'])['name']);
  // A pod of an earlier revision that is no longer sampled was replaced.
  const living = objects.filter((_, index) => {
    const pod = pods[index];
    return pod !== undefined && (pod.name === shownPod || !isReplaced(pod, pods, at));
  });

  function bodyOf(path: string): unknown {
    const [place = ''] = path.split('?');
    const names = place
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent);
    const [resource = '', name] = names.includes('namespaces')
      ? names.slice(names.indexOf('namespaces') + 2)
      : names.slice(2);
    if (name === undefined) return { items: listOf(resource) };
    const found = listOf(resource).find((object) => record(object['metadata'])['name'] === name);
    if (found === undefined) throw notFound(path);
    return found;
  }

  function listOf(resource: string): readonly JsonRecord[] {
    switch (resource) {
      case 'pods':
        return living;
      case 'replicasets':
        return trace.replicaSets;
      case 'nodes':
        return trace.node === null ? [] : [trace.node];
      case 'resourcequotas':
        return trace.quotas;
      default: {
        const workload = trace.workload ?? deploymentOf(trace);
        const isIt = workload !== null && `${String(workload['kind']).toLowerCase()}s` === resource;
        return isIt ? [workload] : [];
      }
    }
  }

  function logOf(path: string): string | null {
    const [place = '', query = ''] = path.split('?');
    const name = decodeURIComponent(place.split('/').at(-2) ?? '');
    const pod = pods.find((one) => one.name === name);
    const previous = new URLSearchParams(query).get('previous') === 'true';
    const tail = Number(new URLSearchParams(query).get('tailLines') ?? 50);
    const runs = pod?.runs.filter(({ startedAt }) => startedAt <= at).length ?? 1;
    const lines = logLines(trace.log ?? '', name, runs - 1 - Number(previous));
    return lines === null ? null : lines.slice(-tail).join('\n');
  }

  const answer: Transport['answer'] = ({ path }) => {
    try {
      return Promise.resolve({ body: bodyOf(path), headers: {} });
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const unknown = ({ path }: Pick<Call, 'path'>): Promise<never> => Promise.reject(notFound(path));
  const self: Transport = {
    server: 'a trace',
    answer,
    json: async (call) => (await answer(call)).body,
    end: ({ path }) => {
      const log = path.split('?')[0]?.endsWith('/log') === true ? logOf(path) : null;
      const body = log ?? '';
      return Promise.resolve({ status: log === null ? 400 : 200, body, bytes: Buffer.byteLength(body) });
    },
    stream: unknown,
    open: unknown,
    at: () => Promise.resolve(self),
  };
  return self;
}

/** The Deployment that owns the ReplicaSets, as far as they name it. */
function deploymentOf({ replicaSets }: TraceInput): JsonRecord | null {
  const owners = replicaSets.flatMap((set) => records(record(set['metadata'])['ownerReferences']));
  const owner = owners.find(({ kind }) => kind === 'Deployment');
  const namespace = record(replicaSets[0]?.['metadata'])['namespace'];
  return owner === undefined
    ? null
    : { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: owner['name'], uid: owner['uid'], namespace } };
}

function isReplaced(pod: TracePod, pods: readonly TracePod[], at: number): boolean {
  const lastOf = (one: TracePod): number => one.runs.at(-1)?.rows.at(-1)?.t ?? 0;
  const newest = pods.filter((one) => one.revision !== pod.revision);
  return newest.some((one) => (one.runs[0]?.startedAt ?? 0) > lastOf(pod) && lastOf(one) <= at);
}

/** Of one run: sections begin with `--- POD instance N.log`; a log without sections is that of every run. */
function logLines(log: string, pod: string, instance: number): readonly string[] | null {
  if (log === '') return null;
  const lines = log.split('\n');
  const isHead = (line: string): boolean => line.startsWith('--- ');
  if (!lines.some(isHead)) return lines.map(withoutPrefix);
  const from = lines.findIndex((line) => line.startsWith(`--- ${pod} instance ${instance}.`));
  if (from === -1) return null;
  const rest = lines.slice(from + 1);
  const to = rest.findIndex(isHead);
  return (to === -1 ? rest : rest.slice(0, to)).map(withoutPrefix);
}

/** What the runtime writes before each line of its files; the API leaves it out. */
function withoutPrefix(line: string): string {
  return line.replace(/^\d{4}-\d\d-\d\dT[0-9:.]+Z (?:stdout|stderr) [FP] /, '');
}

function notFound(path: string): Failure {
  return new Failure('cluster-not-found', `The trace has nothing at ${path}.`);
}
