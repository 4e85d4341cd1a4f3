import { record, records, text } from '../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../core/kill/json-read.ts';
import type { Subject } from '../../../core/kill/kill.ts';
import type { Trigger } from '../../../core/kill/trigger.ts';
import { holdsOptions } from '../../../core/diagnose/runtimes/holds-options.ts';
import { fieldsHash } from '../../../core/remediate/fields-hash.ts';
import type { PlanInputs, Revision } from '../../../core/remediate/plan-inputs.ts';
import type { Memory } from '../../../core/remediate/plan.ts';
import { sourceAnnotation } from '../../../core/remediate/source.ts';
import { equalMakesGuaranteed, findContainer, memoryOf, resourceFields, resourcesOwner } from './container-spec.ts';
import { containerStatus } from './container-status.ts';
import { readRevisions } from './rollout/read-revisions.ts';
import { readRoom } from './read-room.ts';
import { variablesOf } from './read-spec.ts';
import { resizeServed } from './resize-served.ts';
import type { Transport } from '../transport/transport.ts';
import { getObject, isFinished, makesPods, podsOf, targetOf, templateSpec } from './workload-objects.ts';
import { boundedOrNull } from '../../../core/units/text-bounds.ts';

/** Reads the live objects of a kill's subject. Throws Failures of the transport. */
export async function readPlanInputs(transport: Transport, kill: Trigger, deadlineMs: number): Promise<PlanInputs> {
  const { subject } = kill;
  if (subject.workload.kind === 'Node') return nodeInputs(transport, subject, deadlineMs);
  const namespace = subject.namespace ?? 'default';
  const container = subject.container ?? '';
  const bare = subject.workload.kind === 'Pod';
  const reading = bare ? Promise.resolve(null) : getObject(transport, subject.workload, namespace, deadlineMs);
  const [owner, all, canResize, revisions, room] = await Promise.all([
    reading,
    reading.then(async (found) => podsOf(transport, subject, found, deadlineMs)),
    resizeServed(transport, deadlineMs),
    reading.then(async (found) => (found ? revisionsOf(transport, subject, found, deadlineMs) : [])),
    readRoom(transport, kill, deadlineMs),
  ]);
  const pods = alike(
    all.filter((pod) => has(pod, container) && !isFinished(pod)),
    kill,
  );
  const [first] = pods;
  const spec = owner ? templateSpec(owner) : record(first?.['spec']);
  // An injected sidecar is in no template.
  const patchable = owner !== null && makesPods(subject.workload.kind, owner) && has(owner, container);
  return {
    exists: owner !== null || all.length > 0,
    workload: owner
      ? {
          ...targetOf({ kind: subject.workload.kind, ...owner }),
          memory: memoryIn(owner, container),
          patchable,
          owner: resourcesOwner(owner, container),
        }
      : null,
    variables: owner ? variablesOf(findContainer(templateSpec(owner), container)?.spec ?? {}) : [],
    pods: pods.map((pod) => ({
      ...targetOf(pod),
      memory: memoryIn(pod, container),
      running: 'running' in record(containerStatus(pod, container)?.['state']),
      owner: resourcesOwner(pod, container),
    })),
    qosClass: text(record(first?.['status'])['qosClass']) ?? kill.qosClass,
    equalMakesGuaranteed: equalMakesGuaranteed(first ? record(first['spec']) : spec, container),
    template: owner ? record(record(owner['spec'])['template']) : null,
    fields: patchable ? workloadFields(owner, container) : podFields(pods, container),
    canResize,
    revisions,
    sourceText: boundedOrNull(
      text(record(record(record(owner ?? first)['metadata'])['annotations'])[sourceAnnotation]),
      'sourceText',
    ),
    room,
  };
}

/** A node has nothing that a plan could change; it only matters whether it still exists. */
async function nodeInputs(transport: Transport, { workload }: Subject, deadlineMs: number): Promise<PlanInputs> {
  return {
    exists: (await getObject(transport, workload, '', deadlineMs)) !== null,
    workload: null,
    variables: [],
    pods: [],
    qosClass: null,
    equalMakesGuaranteed: false,
    template: null,
    fields: {},
    canResize: false,
    revisions: [],
    sourceText: null,
    room: { nodeAllocatableBytes: null, nodeFreeBytes: null, quota: null, limitRange: null },
  };
}

async function revisionsOf(
  transport: Transport,
  { workload: { kind }, container }: Subject,
  owner: JsonRecord,
  deadlineMs: number,
): Promise<readonly Revision[]> {
  return readRevisions(transport, targetOf({ kind, ...owner }), container ?? '', deadlineMs);
}

/** Pods with the same memory settings as the killed one, which comes first; during a rollout there are others. */
function alike(pods: readonly JsonRecord[], kill: Trigger): readonly JsonRecord[] {
  const container = kill.subject.container ?? '';
  const killed = pods.find((pod) => targetOf(pod).uid === kill.podUid) ?? pods[0];
  if (!killed) return [];
  const others = pods.filter(
    (pod) => pod !== killed && sameMemory(memoryIn(pod, container), memoryIn(killed, container)),
  );
  return [killed, ...others];
}

/**
 * The uid, all that a plan for a template reads or writes, and who owns what it overrides, for its hash: an approval
 * covers overriding that owner and no other.
 */
export function workloadFields(workload: JsonRecord, container: string): unknown {
  const template = templateSpec(workload);
  const resources = resourceFields(template);
  const flags = heapVariables(template, container);
  const owner = resourcesOwner(workload, container);
  return { uid: targetOf(workload).uid, container, resources, owner, ...(flags.length === 0 ? {} : { flags }) };
}

/** The variables with options of a runtime: a plan that was made for one heap is not valid for another. */
function heapVariables(podSpec: JsonRecord, container: string): readonly JsonRecord[] {
  return records(findContainer(podSpec, container)?.spec['env']).filter(({ name, value }) =>
    holdsOptions(String(name), text(value) ?? ''),
  );
}

/**
 * The same for a plan without a template: each distinct set of resources once, without uids, because the plan stays
 * valid if one of many equal pods is gone. Whether a pod is still the same is checked before each write.
 */
export function podFields(pods: readonly JsonRecord[], container: string): unknown {
  const byHash = new Map(
    pods
      .map((pod) => ({ resources: resourceFields(templateSpec(pod)), owner: resourcesOwner(pod, container) }))
      .map((fields) => [fieldsHash(fields), fields]),
  );
  const different = [...byHash].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, fields]) => fields);
  return { container, pods: different };
}

export function sameMemory(a: Memory, b: Memory): boolean {
  return a.limitBytes === b.limitBytes && a.requestBytes === b.requestBytes;
}

/** Of one container of a pod or a template. */
export function memoryIn(object: JsonRecord, container: string): Memory {
  return memoryOf(findContainer(templateSpec(object), container)?.spec['resources']);
}

function has(object: JsonRecord, container: string): boolean {
  return findContainer(templateSpec(object), container) !== null;
}
