import { planId } from '../plan-id.ts';
import type { Made, PlanRequest } from '../plan-request.ts';
import { targetIn } from '../plan.ts';
import { putBack } from './put-back.ts';

/**
 * Restores the revision that stayed within its limit, if everything that this would change can be shown. The plan holds
 * the hash of the template that is shown: nothing else is ever written for it.
 */
export function rollBackPlan(request: PlanRequest): Made {
  const { recommendation, trigger, inputs, now, spent } = request;
  const { fix } = recommendation;
  if (fix.kind !== 'roll-back') return { noPlan: null };
  const { container, workload: subject } = trigger.subject;
  const { workload, revisions, template } = inputs;
  if (container === null || trigger.containerType === null || !workload || !template) return { noPlan: null };
  const name = `${subject.kind} ${subject.name}`;
  const [back, ...others] = revisions.filter(({ number }) => number === fix.toRevision);
  const present = revisions.at(-1);
  if (!back || !present || back === present)
    return { noPlan: `The revision before is not kept for ${name}, so it has to be rolled back where it is made.` };
  if (others.length > 0)
    return { noPlan: `${others.length + 1} ReplicaSets of ${name} say that they are revision ${back.number}.` };
  if (trigger.revision !== null && present.hash !== trigger.revision)
    return { noPlan: `What was killed is no longer rolled out; the present revision is ${present.number}.` };
  if (!workload.patchable)
    return { noPlan: `${name} is paused, or its template cannot be changed; roll it back where it is made.` };
  const change = putBack({ name, fields: inputs.fields, template }, back, present);
  if (!change.ok) return { noPlan: `Revision ${back.number} ${change.why}. Roll back where ${name} is deployed from.` };

  const { rollBack, fieldsHash: hash, diff } = change;
  return {
    id: planId({ rollBack: back.hash, hash, workload: workload.uid, written: rollBack.template }, spent),
    purpose: 'fix',
    kind: 'roll-back',
    container,
    containerType: trigger.containerType,
    workload: targetIn(workload),
    pods: [],
    means: ['roll-back'],
    from: workload.memory,
    to: back.memory,
    env: [],
    rollBack,
    follows: null,
    source: null,
    fileHash: null,
    drift: [],
    fieldsHash: hash,
    owner: workload.owner,
    diff,
    expectedEffect: `Puts the template of revision ${back.number} back, as kubectl rollout undo does; a rollout replaces the pods.${
      workload.owner === null ? '' : ` ${workload.owner} may roll forward again.`
    }`,
    undo: `To undo, roll back to revision ${present.number}.`,
    createdAt: now,
  };
}
