import { record, text } from '../../core/kill/json-read.ts';
import type { JsonRecord } from '../../core/kill/json-read.ts';
import type { Kill } from '../../core/kill/kill.ts';
import type { PlanInputs } from '../../core/remediate/plan-inputs.ts';
import { equalMakesGuaranteed, findContainer, memoryOf, resourceFields, resourcesOwner } from './container-spec.ts';
import { containerStatus } from './container-status.ts';
import { resizeServed } from './resize-served.ts';
import type { Transport } from './transport.ts';
import { getObject, isPatchable, podsOf, targetOf, templateSpec } from './workload-objects.ts';

/** Reads the live objects of a kill's subject. Throws Failures of the transport. */
export async function readPlanInputs(transport: Transport, kill: Kill, deadlineMs: number): Promise<PlanInputs> {
  const { subject } = kill;
  const namespace = subject.namespace ?? 'default';
  const container = subject.container ?? '';
  const bare = subject.workload.kind === 'Pod';
  const [owner, canResize] = await Promise.all([
    bare ? null : getObject(transport, subject.workload, namespace, deadlineMs),
    resizeServed(transport, deadlineMs),
  ]);
  const pods = (await podsOf(transport, subject, owner, deadlineMs)).filter((pod) => has(pod, container));
  const [first] = pods;
  const exists = owner !== null || pods.length > 0;
  const spec = owner ? templateSpec(owner) : record(first?.['spec']);
  return {
    exists,
    workload: owner
      ? {
          ...targetOf({ kind: subject.workload.kind, ...owner }),
          memory: memoryOf(findContainer(spec, container)?.spec['resources']),
          patchable: isPatchable(subject.workload.kind) && has(owner, container),
          owner: resourcesOwner(owner, container),
        }
      : null,
    pods: pods.map((pod) => ({
      ...targetOf(pod),
      memory: memoryOf(findContainer(record(pod['spec']), container)?.spec['resources']),
      running: 'running' in record(containerStatus(pod, container)?.['state']),
      owner: resourcesOwner(pod, container),
    })),
    qosClass: text(record(first?.['status'])['qosClass']) ?? kill.qosClass,
    equalMakesGuaranteed: equalMakesGuaranteed(first ? record(first['spec']) : spec, container),
    fields: planFields(isPatchable(subject.workload.kind) ? owner : null, pods, container),
    canResize,
  };
}

/** The uid and all that a plan reads or writes: of the template that it may patch, or of the pods without one. */
export function planFields(owner: JsonRecord | null, pods: readonly JsonRecord[], container: string): unknown {
  const objects = owner ? [owner] : pods;
  return objects.map((object) => ({
    uid: targetOf(object).uid,
    container,
    resources: resourceFields(templateSpec(object)),
  }));
}

function has(object: JsonRecord, container: string): boolean {
  return findContainer(templateSpec(object), container) !== null;
}
