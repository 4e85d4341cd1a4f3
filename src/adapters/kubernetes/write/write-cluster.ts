import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import { Failure } from '../../../core/failure.ts';
import { record, text, whole } from '../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../core/kill/json-read.ts';
import { hasWords, valueAfter } from '../../../core/recommend/change-words.ts';
import type { Variable } from '../../../core/recommend/change-words.ts';
import { isRemoval } from '../../../core/recommend/env-change.ts';
import type { EnvChange } from '../../../core/recommend/env-change.ts';
import { fieldsHash, rollBackFields } from '../../../core/remediate/fields-hash.ts';
import { mayRollBack } from '../../../core/remediate/roll-back/may-roll-back.ts';
import type { Means, Memory, Plan, Target } from '../../../core/remediate/plan.ts';
import { formatQuantity } from '../../../core/units/quantity.ts';
import { findContainer } from '../read/container-spec.ts';
import { memoryIn, podFields, sameMemory, workloadFields } from '../read/plan-inputs.ts';
import { variablesOf } from '../read/read-spec.ts';
import { revisionAnnotation, templateOfRevision } from '../read/rollout/read-revisions.ts';
import { clientsOver } from '../transport/clients.ts';
import type { Transport } from '../transport/transport.ts';
import { getObject, makesPods, templateSpec } from '../read/workload-objects.ts';
import { planAnnotation } from './plan-annotation.ts';

type RollBack = NonNullable<Plan['rollBack']>;

const fieldManager = 'oomkeeper';
const deadlineMs = 10_000;
/**
 * A conflict means that somebody wrote in between, so the fields are checked again. A busy pod changes all the time.
 */
const mostConflicts = 8;

const strategicMerge = setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch);
const jsonPatch = setHeaderOptions('Content-Type', PatchStrategy.JsonPatch);

export interface ClusterWriterOptions {
  readonly transport: Transport;
  readonly mode: 'observe' | 'act';
}

/** Asked before each call that changes something; throws where that is no longer allowed. */
type MayWrite = () => Promise<void>;

const always: MayWrite = async () => undefined;

/**
 * The only code that changes workloads and their pods for a plan (test-pods.ts makes pods of its own; own-annotations.ts takes
 * our annotation off). Strategic merge patches with `fieldManager=oomkeeper` (server-side apply would
 * conflict with every present owner), uid and resourceVersion as precondition. What already has the value is left
 * alone, so that a repetition changes nothing. Throws Failure `observe-only`, `stale-plan` (fields or owner changed),
 * `resize-refused`, or the transport's.
 */
export function createClusterWriter({ transport, mode }: ClusterWriterOptions) {
  const { core, apps, batch } = clientsOver(transport, deadlineMs);

  async function carryOut(plan: Plan, means: Means, mayWrite = always): Promise<void> {
    if (mode === 'observe')
      throw new Failure('observe-only', 'Oomkeeper is observe-only in this cluster; nothing changed.');
    switch (means) {
      case 'resize':
        return resize(plan, mayWrite);
      case 'patch-workload':
        return patchWorkload(plan, mayWrite);
      case 'roll-back':
        return rollBack(plan, mayWrite);
      case 'pull-request':
        throw new Failure('no-such-means', 'A pull request is not opened in a cluster.');
    }
  }

  /** Like `kubectl rollout undo`: the template of the earlier ReplicaSet replaces the present one. */
  async function rollBack(plan: Plan, mayWrite: MayWrite): Promise<void> {
    const { workload, rollBack: back, id, container, fieldsHash: hash } = plan;
    if (!workload || !back) throw new Failure('no-template', 'There is no template that could be put back.');
    await again(workload.name, async () => {
      const owner = await currentWorkload(workload);
      const { annotations, uid, resourceVersion } = record(owner['metadata']);
      if (record(annotations)[planAnnotation] === id) return;
      refuseIdle(owner);
      // The present revision is only known once the controller has seen the present template.
      if (!isObserved(owner)) throw new Failure('cluster-conflict', `The template of ${workload.name} is too new.`);
      refuseStale({ fieldsHash: hash }, rollBackFields(workloadFields(owner, container), revisionNow(annotations)));
      const template = await approvedTemplate(workload, back, record(record(owner['spec'])['template']));
      const body = [
        { op: 'test', path: '/metadata/uid', value: uid },
        // NOTE: a failed JSON patch test is a 422, like a mistake of ours; a stale resourceVersion gives a conflict.
        { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
        { op: 'replace', path: '/spec/template', value: template },
        annotations === undefined
          ? { op: 'add', path: '/metadata/annotations', value: { [planAnnotation]: id } }
          : { op: 'add', path: `/metadata/annotations/${planAnnotation.replace('/', '~1')}`, value: id },
      ];
      await patch(workload, body, jsonPatch, mayWrite);
    });
  }

  /** The template that was shown and approved, to replace the one that it was compared with. */
  async function approvedTemplate(workload: Target, back: RollBack, present: JsonRecord): Promise<JsonRecord> {
    const revision = `revision ${back.toRevision}`;
    const stale = (why: string): Failure => new Failure('stale-plan', why);
    if (!back.template) throw stale('an earlier version of Oomkeeper proposed it without showing all that it changes.');
    if (fieldsHash(present) !== back.template.replaces)
      throw stale('the pod template has changed since it was proposed, so it would change more than was shown.');
    const template = await templateOfRevision(transport, workload, back.template.replicaSet, deadlineMs);
    if (!template) throw stale(`${revision} is not kept any more, so it cannot be put back.`);
    if (fieldsHash(template) !== back.template.hash)
      throw stale(`someone has changed ${revision} since it was proposed, so it is not what was approved.`);
    const may = mayRollBack(present, template);
    if (!may.ok) throw stale(`${revision} ${may.why}.`);
    return template;
  }

  async function resize(plan: Plan, mayWrite: MayWrite): Promise<void> {
    if (plan.workload) refuseStale(plan, workloadFields(await currentWorkload(plan.workload), plan.container));
    else await refuseStalePods(plan);
    let left = 0;
    for (const target of plan.pods) if (await again(target.name, () => resizePod(target, plan, mayWrite))) left += 1;
    if (left === 0) throw new Failure('resize-refused', 'The pods that were to be resized are gone.');
  }

  /** Without a template, the pods themselves show whether the plan is still valid. */
  async function refuseStalePods(plan: Plan): Promise<void> {
    const pods: JsonRecord[] = [];
    for (const target of plan.pods) {
      const pod = await current(target);
      if (pod) pods.push(pod);
    }
    // After a crash halfway some pods already have the new value; so each pod is compared separately before its write.
    const untouched = pods.every((pod) => sameMemory(memoryIn(pod, plan.container), plan.from));
    if (pods.length === 0) throw new Failure('stale-plan', 'its pods were deleted or replaced.');
    if (untouched) refuseStale(plan, podFields(pods, plan.container));
  }

  /** False when the pod is gone. */
  async function resizePod(target: Target, plan: Plan, mayWrite: MayWrite): Promise<boolean> {
    const pod = await current(target);
    if (!pod) return false;
    const memory = memoryIn(pod, plan.container);
    if (sameMemory(memory, plan.to)) return true;
    if (!sameMemory(memory, plan.from))
      throw new Failure('stale-plan', `someone has changed the resources of ${target.name} meanwhile.`);
    await mayWrite();
    try {
      const body = onlyAsSeen(pod, { spec: containerPatch(pod, plan) });
      await core.patchNamespacedPodResize({ ...nameOf(target), body, fieldManager }, strategicMerge);
    } catch (error) {
      if (!(error instanceof Failure) || error.retry !== 'never') throw error;
      if (error.code === 'cluster-not-found' && !(await current(target))) return false;
      throw new Failure('resize-refused', error.message, { cause: error });
    }
    return true;
  }

  async function patchWorkload(plan: Plan, mayWrite: MayWrite): Promise<void> {
    const { workload, container, id, to } = plan;
    if (!workload) throw new Failure('no-template', 'There is no template that could be changed.');
    await again(workload.name, async () => {
      const owner = await currentWorkload(workload);
      if (sameMemory(memoryIn(owner, container), to) && plan.env.every((one) => isSet(owner, container, one))) return;
      refuseIdle(owner);
      refuseStale(plan, workloadFields(owner, container));
      const pod = { spec: containerPatch(owner, plan) };
      const spec = workload.kind === 'CronJob' ? { jobTemplate: { spec: { template: pod } } } : { template: pod };
      const change = { metadata: { annotations: { [planAnnotation]: id } }, spec };
      await patch(workload, onlyAsSeen(owner, change), strategicMerge, mayWrite);
    });
  }

  /** Retries on conflicts, each time with the latest object. */
  async function again<T>(name: string, write: () => Promise<T>): Promise<T> {
    for (let attempt = 0; attempt < mostConflicts; attempt++) {
      try {
        return await write();
      } catch (error) {
        if (!(error instanceof Failure) || error.code !== 'cluster-conflict') throw error;
      }
    }
    throw new Failure('cluster-conflict', `${name} is being changed all the time; trying again later.`, {
      retry: 'backoff',
    });
  }

  async function currentWorkload(target: Target): Promise<JsonRecord> {
    const found = await current(target);
    if (!found) throw new Failure('stale-plan', `${target.kind} ${target.name} was deleted or replaced.`);
    return found;
  }

  /** The object as it is now; null if it is gone or another one has its name. */
  async function current(target: Target): Promise<JsonRecord | null> {
    const found = await getObject(transport, target, target.namespace, deadlineMs);
    return found && record(found['metadata'])['uid'] === target.uid ? { kind: target.kind, ...found } : null;
  }

  async function patch(workload: Target, body: unknown, as: typeof strategicMerge, mayWrite: MayWrite): Promise<void> {
    await mayWrite();
    const of = { ...nameOf(workload), body, fieldManager };
    switch (workload.kind) {
      case 'Deployment':
        return void (await apps.patchNamespacedDeployment(of, as));
      case 'StatefulSet':
        return void (await apps.patchNamespacedStatefulSet(of, as));
      case 'DaemonSet':
        return void (await apps.patchNamespacedDaemonSet(of, as));
      case 'CronJob':
        return void (await batch.patchNamespacedCronJob(of, as));
      default:
        throw new Failure('no-template', `Oomkeeper cannot reach a ${workload.kind}.`);
    }
  }

  return { carryOut };
}

function nameOf({ name, namespace }: Target): { readonly name: string; readonly namespace: string } {
  return { name, namespace };
}

/** The same change with a precondition: it is refused as a conflict if the object has changed since it was read. */
function onlyAsSeen(seen: JsonRecord, change: JsonRecord): JsonRecord {
  const { uid, resourceVersion } = record(seen['metadata']);
  return { ...change, metadata: { ...record(change['metadata']), uid, resourceVersion } };
}

/** Only memory and heap flags, only this container: a CPU limit is never added. */
function containerPatch(object: JsonRecord, plan: Plan): JsonRecord {
  const found = findContainer(templateSpec(object), plan.container);
  if (!found) throw new Failure('stale-plan', `there is no container ${plan.container} any more.`);
  const variables = variablesOf(found.spec);
  const env = object['kind'] === 'Pod' ? [] : plan.env.map((change) => variablePatch(variables, change));
  const flags = env.length === 0 ? {} : { env };
  return { [found.group]: [{ name: plan.container, resources: resourcesPatch(plan), ...flags }] };
}

/** Only the words of the plan change: the rest of the value is what the cluster has now. */
function variablePatch(variables: readonly Variable[], change: EnvChange): JsonRecord {
  const after = valueAfter(variables, change);
  if ('problem' in after) throw new Failure('stale-plan', after.problem);
  return isRemoval(change) && after.value === ''
    ? { name: change.name, $patch: 'delete' }
    : { name: change.name, value: after.value };
}

function isSet(owner: JsonRecord, container: string, change: EnvChange): boolean {
  const variables = variablesOf(findContainer(templateSpec(owner), container)?.spec ?? {});
  if (isRemoval(change)) return variables.every(({ name }) => name !== change.name);
  return variables.some(({ name, value }) => name === change.name && hasWords(value, change));
}

function resourcesPatch({ from, to }: Plan): JsonRecord {
  return {
    ...(to.limitBytes === null ? {} : { limits: { memory: formatQuantity(to.limitBytes) } }),
    ...requestPatch(from, to),
  };
}

/** Where there was no request before a change, taking that back removes it (null). */
function requestPatch(from: Memory, { requestBytes }: Memory): JsonRecord {
  if (requestBytes !== null) return { requests: { memory: formatQuantity(requestBytes) } };
  return from.requestBytes === null ? {} : { requests: { memory: null } };
}

function revisionNow(annotations: unknown): string {
  return text(record(annotations)[revisionAnnotation]) ?? '';
}

function isObserved(owner: JsonRecord): boolean {
  return whole(record(owner['status'])['observedGeneration']) === whole(record(owner['metadata'])['generation']);
}

/** With this update strategy a changed template makes no new pods until somebody deletes the old ones. */
function refuseIdle(owner: JsonRecord): void {
  if (makesPods(text(owner['kind']) ?? '', owner)) return;
  throw new Failure(
    'stale-plan',
    'the workload was paused, or set to replace no pods by itself, since it was proposed.',
  );
}

function refuseStale(plan: Pick<Plan, 'fieldsHash'>, fields: unknown): void {
  if (fieldsHash(fields) !== plan.fieldsHash)
    throw new Failure('stale-plan', 'the fields that it is about, or their owner, have changed since it was proposed.');
}
