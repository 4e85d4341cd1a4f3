import type { NodeFacts, NodeVictim } from '../../../core/evidence/evidence.ts';
import { containerKey, pointsOf } from '../../../core/evidence/usage-now.ts';
import type { UsageSeries } from '../../../core/evidence/usage-now.ts';
import { createDetector } from '../../../core/kill/detect/detector.ts';
import { record, records, text, timeMs, whole } from '../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../core/kill/json-read.ts';
import { killedAtMs } from '../../../core/kill/kill.ts';
import { bytesOf, podLimit, podRequest } from './container-spec.ts';
import { runningContainers } from './read-containers.ts';
import type { Transport } from '../transport/transport.ts';
import { getObject, isFinished, podsOnNode } from './workload-objects.ts';
import { minuteMs } from '../../../core/units/duration.ts';
import { bounded, boundedOrNull } from '../../../core/units/text-bounds.ts';

export interface ReadNodeOptions {
  readonly deadlineMs: number;
  /** ms UTC */
  readonly now: number;
  /** What all containers of these namespaces use now; null where nobody measures. @throws Failure */
  readonly usageNow: (namespaces: readonly string[]) => Promise<readonly UsageSeries[] | null>;
}

/** Older events are unrelated. */
const lateMs = 10 * minuteMs;

/** A node, its pods and what they use. @throws Failure */
export async function readNode(transport: Transport, node: string, options: ReadNodeOptions): Promise<NodeFacts> {
  const { deadlineMs, now, usageNow } = options;
  const [object, pods] = await Promise.all([
    getObject(transport, { kind: 'Node', name: node }, '', deadlineMs),
    podsOnNode(transport, node, deadlineMs),
  ]);
  const namespaces = [...new Set(pods.map(namespaceOf))];
  const usage = namespaces.length === 0 ? null : await usageNow(namespaces).catch(() => null);
  return nodeFacts(node, object, { pods, usage, now });
}

interface Seen {
  readonly pods: readonly JsonRecord[];
  readonly usage: readonly UsageSeries[] | null;
  readonly now: number;
}

/** Pure. */
export function nodeFacts(node: string, object: JsonRecord | null, { pods, usage, now }: Seen): NodeFacts {
  const status = record(object?.['status']);
  const since = (is: string): number | null => {
    const said = records(status['conditions']).find((one) => one['type'] === 'MemoryPressure' && one['status'] === is);
    return timeMs(said?.['lastTransitionTime']);
  };
  const living = pods.filter((pod) => !isFinished(pod));
  const allSeries = Map.groupBy(usage ?? [], containerKey);
  const rows = living.map((pod) => ({
    pod: nameOf(pod),
    usedBytes: usedBy(pod, allSeries),
    requestBytes: podRequest(record(pod['spec'])),
    priorityClass: boundedOrNull(text(record(pod['spec'])['priorityClassName']), 'name'),
    limitBytes: podLimit(record(pod['spec'])),
  }));
  const capacityBytes = bytesOf(record(status['capacity'])['memory']);
  // Told from 1.34 on, where a node has any.
  const swapBytes = whole(record(record(status['nodeInfo'])['swap'])['capacity']);
  return {
    node,
    allocatableBytes: bytesOf(record(status['allocatable'])['memory']),
    ...(capacityBytes === null ? {} : { capacityBytes }),
    ...(swapBytes === null ? {} : { swapBytes }),
    requestedBytes: sum(rows.map(({ requestBytes }) => requestBytes)),
    limitBytes: sum(rows.map(({ limitBytes }) => limitBytes ?? 0)),
    unlimitedPods: rows.filter(({ limitBytes }) => limitBytes === null).length,
    usedBytes: usage === null ? null : sum(rows.map(({ usedBytes }) => usedBytes)),
    pressureSince: since('True'),
    enoughSince: since('False'),
    exceeding: rows
      .filter(({ usedBytes, requestBytes }) => usedBytes > requestBytes)
      .toSorted((a, b) => b.usedBytes - b.requestBytes - (a.usedBytes - a.requestBytes))
      .map(({ pod, usedBytes, requestBytes, priorityClass }) => ({
        pod,
        usedBytes,
        requestBytes,
        ...(priorityClass === null ? {} : { priorityClass }),
      })),
    victims: pods.flatMap((pod) => victimsIn(pod, now)).toSorted((a, b) => b.at - a.at),
  };
}

function victimsIn(pod: JsonRecord, now: number): readonly NodeVictim[] {
  const detector = createDetector({ cluster: 'node' });
  return detector
    .pod('ADDED', pod, { atMs: now, notBeforeMs: now - lateMs })
    .filter(({ is }) => is === 'kill')
    .map(({ kill }) => ({ pod: nameOf(pod), container: kill.subject.container, at: killedAtMs(kill) }));
}

/** What the present runs use. A source also has those that ended in the last hour. */
function usedBy(pod: JsonRecord, allSeries: ReadonlyMap<string, readonly UsageSeries[]>): number {
  const [namespace, name] = [namespaceOf(pod), text(record(pod['metadata'])['name']) ?? ''];
  const runs = [...runningContainers(pod)].map(([container, run]) => {
    const own = allSeries.get(containerKey({ namespace, pod: name, container })) ?? [];
    return pointsOf({ isRunning: true, ...run }, own).at(-1)?.bytes ?? 0;
  });
  return sum(runs);
}

function nameOf(pod: JsonRecord): string {
  return bounded(`${namespaceOf(pod)}/${text(record(pod['metadata'])['name']) ?? ''}`, 'path');
}

function namespaceOf(pod: JsonRecord): string {
  return text(record(pod['metadata'])['namespace']) ?? '';
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
