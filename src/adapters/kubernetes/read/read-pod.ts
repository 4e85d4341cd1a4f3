import type { PodFacts } from '../../../core/evidence/evidence.ts';
import { containerKey, pointsOf } from '../../../core/evidence/usage-now.ts';
import { record, records, text } from '../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../core/kill/json-read.ts';
import { bounded } from '../../../core/units/text-bounds.ts';
import { memoryOf } from './container-spec.ts';
import { runningContainers } from './read-containers.ts';
import type { ReadNodeOptions } from './read-node.ts';

/** Whether several containers of a pod share a limit that is written for the pod as a whole. Pure. */
export function hasSharedLimit(pod: JsonRecord): boolean {
  return memoryOf(record(pod['spec'])['resources']).limitBytes !== null && lasting(pod).length > 1;
}

/** The containers of a pod with their limits and what they use now. Never throws: unmeasured usage stays null. */
export async function podFacts(pod: JsonRecord, usageNow: ReadNodeOptions['usageNow']): Promise<PodFacts> {
  const { namespace, name } = record(pod['metadata']);
  const [ofNamespace, ofPod] = [text(namespace) ?? '', text(name) ?? ''];
  const usage = await usageNow([ofNamespace]).catch(() => null);
  const running = runningContainers(pod);
  const containers = lasting(pod).map((spec) => {
    const container = text(spec['name']) ?? '';
    const run = running.get(container);
    const key = containerKey({ namespace: ofNamespace, pod: ofPod, container });
    const series = (usage ?? []).filter((one) => containerKey(one) === key);
    const points = run === undefined ? [] : pointsOf({ isRunning: true, ...run }, series);
    return {
      container: bounded(container, 'name'),
      limitBytes: memoryOf(spec['resources']).limitBytes,
      usedBytes: points.at(-1)?.bytes ?? null,
    };
  });
  return { containers };
}

/** Containers and sidecars: those that use memory at the same time. */
function lasting(pod: JsonRecord): readonly JsonRecord[] {
  const spec = record(pod['spec']);
  const sidecars = records(spec['initContainers']).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...records(spec['containers']), ...sidecars];
}
