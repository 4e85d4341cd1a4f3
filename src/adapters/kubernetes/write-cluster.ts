import { Failure } from '../../core/failure.ts';
import { record, text } from '../../core/kill/json-read.ts';
import type { JsonRecord } from '../../core/kill/json-read.ts';
import type { Subject } from '../../core/kill/kill.ts';
import { fieldsHash } from '../../core/remediate/fields-hash.ts';
import type { Means, Memory, Plan, Target } from '../../core/remediate/plan.ts';
import { formatQuantity } from '../../core/units/quantity.ts';
import { findContainer, memoryOf } from './container-spec.ts';
import type { ContainerGroup } from './container-spec.ts';
import { planFields } from './plan-inputs.ts';
import type { Transport } from './transport.ts';
import { getObject, objectPath, templateSpec } from './workload-objects.ts';

/** Where the plan's id stands on what was changed, so that recovery reads the world and not its memory. */
export const planAnnotation = 'oomkeeper.dev/plan';

const deadlineMs = 10_000;
/** A conflict means that somebody wrote in between; the fields are then looked at again. */
const mostConflicts = 5;

export interface ClusterWriterOptions {
  readonly transport: Transport;
  readonly mode: 'observe' | 'act';
}

/**
 * The only code that changes a cluster. Strategic merge patches with `fieldManager=oomkeeper` (server-side apply would
 * conflict with every present owner), uid and resourceVersion as precondition. Throws Failure `observe-only`,
 * `stale-plan` (the fields changed), `resize-refused`, or the transport's.
 */
export function createClusterWriter({ transport, mode }: ClusterWriterOptions) {
  async function carryOut(plan: Plan, means: Means, subject: Subject): Promise<void> {
    if (mode === 'observe')
      throw new Failure('observe-only', 'Oomkeeper is observe-only in this cluster; nothing was changed.');
    if (means === 'resize') await resize(plan, subject);
    else await patchWorkload(plan, subject);
  }

  async function resize(plan: Plan, subject: Subject): Promise<void> {
    const owner = plan.workload ? await current(plan.workload) : null;
    const pods = (await Promise.all(plan.pods.map(current))).filter((pod) => pod !== null);
    if (pods.length === 0) throw new Failure('resize-refused', 'The pods that were to be resized are gone.');
    // After a crash halfway some pods have the new value already; each of the others is looked at below.
    const untouched = pods.every((pod) => same(containerMemory(pod, plan), plan.from));
    if (owner || untouched) refuseStale(plan, fieldsHash(planFields(owner, pods, plan.container)));
    for (const pod of pods) {
      const memory = containerMemory(pod, plan);
      if (same(memory, plan.to)) continue;
      if (!same(memory, plan.from))
        throw new Failure('stale-plan', `somebody has changed the resources of ${nameOf(pod)} meanwhile.`);
      const path = `${objectPath('Pod', subject.namespace ?? 'default', nameOf(pod))}/resize`;
      try {
        await patch(path, pod, { spec: containerPatch(pod, plan) });
      } catch (error) {
        if (!(error instanceof Failure) || error.retry !== 'never') throw error;
        throw new Failure('resize-refused', error.message, { cause: error });
      }
    }
  }

  async function patchWorkload(plan: Plan, subject: Subject): Promise<void> {
    if (!plan.workload) throw new Failure('no-template', 'There is no template that could be changed.');
    for (let attempt = 0; attempt < mostConflicts; attempt++) {
      const owner = await current(plan.workload);
      if (!owner)
        throw new Failure('stale-plan', `${plan.workload.kind} ${plan.workload.name} was deleted or replaced.`);
      if (same(containerMemory(owner, plan), plan.to)) return;
      refuseStale(plan, fieldsHash(planFields(owner, [], plan.container)));
      const path = objectPath(plan.workload.kind, subject.namespace ?? 'default', plan.workload.name) ?? '';
      const pod = { spec: containerPatch(owner, plan) };
      const spec = plan.workload.kind === 'CronJob' ? { jobTemplate: { spec: { template: pod } } } : { template: pod };
      try {
        await patch(path, owner, { metadata: { annotations: { [planAnnotation]: plan.id } }, spec });
        return;
      } catch (error) {
        if (!(error instanceof Failure) || error.code !== 'cluster-conflict') throw error;
      }
    }
    throw new Failure('cluster-conflict', `${plan.workload.name} is being changed all the time; trying again later.`, {
      retry: 'backoff',
    });
  }

  /** The object as it is now; null when it is gone or another one has its name. */
  async function current(target: Target): Promise<JsonRecord | null> {
    const found = await getObject(transport, target, target.namespace, deadlineMs);
    return found && record(found['metadata'])['uid'] === target.uid ? { kind: target.kind, ...found } : null;
  }

  async function patch(path: string, seen: JsonRecord, change: JsonRecord): Promise<void> {
    const { uid, resourceVersion } = record(seen['metadata']);
    const metadata = { ...record(change['metadata']), uid, resourceVersion };
    await transport.json({
      method: 'PATCH',
      path: `${path}?fieldManager=oomkeeper`,
      contentType: 'application/strategic-merge-patch+json',
      body: { ...change, metadata },
      deadlineMs,
    });
  }

  return { carryOut };
}

/** Only memory, only this container: a CPU limit is never added. */
function containerPatch(object: JsonRecord, plan: Plan): JsonRecord {
  const group: ContainerGroup = findContainer(templateSpec(object), plan.container)?.group ?? 'containers';
  return { [group]: [{ name: plan.container, resources: resourcesPatch(plan.to) }] };
}

function resourcesPatch({ limitBytes, requestBytes }: Memory): JsonRecord {
  return {
    ...(limitBytes === null ? {} : { limits: { memory: formatQuantity(limitBytes) } }),
    ...(requestBytes === null ? {} : { requests: { memory: formatQuantity(requestBytes) } }),
  };
}

function containerMemory(object: JsonRecord, plan: Plan): Memory {
  return memoryOf(findContainer(templateSpec(object), plan.container)?.spec['resources']);
}

function refuseStale(plan: Plan, hash: string): void {
  if (hash !== plan.fieldsHash)
    throw new Failure('stale-plan', 'the fields that it is about have been changed since it was proposed.');
}

function same(a: Memory, b: Memory): boolean {
  return a.limitBytes === b.limitBytes && a.requestBytes === b.requestBytes;
}

function nameOf(object: JsonRecord): string {
  return text(record(object['metadata'])['name']) ?? '';
}
