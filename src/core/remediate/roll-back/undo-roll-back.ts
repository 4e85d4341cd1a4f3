import { fieldsHash } from '../fields-hash.ts';
import type { Followed, FollowRequest } from '../follow-request.ts';
import { planId } from '../plan-id.ts';
import { targetIn } from '../plan.ts';
import { putBack } from './put-back.ts';

/**
 * Rolls forward again, to the template that the roll back replaced. It is known by its hash, not by its number, and only
 * while the present template is the one that was put back: with anything else in it, an undo would take that back too.
 */
export function undoRollBack({ plan, inputs, taken, now }: FollowRequest): Followed {
  const { workload, revisions, template } = inputs;
  const shown = plan.rollBack?.template ?? null;
  const present = revisions.at(-1);
  const name = plan.workload === null ? 'The workload' : `${plan.workload.kind} ${plan.workload.name}`;
  const no = (why: string): Followed => ({ problem: `${why} Nothing changed. ${plan.undo}` });
  if (workload === null || workload.uid !== plan.workload?.uid)
    return { problem: `${name} was deleted or replaced, so there is nothing of that roll back left. Nothing changed.` };
  if (plan.rollBack === null || shown === null || template === null || present === undefined)
    return no(`What ${name} was before the roll back is not known any more.`);
  if (!workload.patchable) return no(`${name} is paused, or its template cannot be changed here.`);
  if (fieldsHash(template) !== shown.hash)
    return no(`The pod template of ${name} is not the one that was put back: something has changed it since.`);
  const forward = revisions.findLast((one) => fieldsHash(one.template) === shown.replaces);
  if (forward === undefined) return no(`The revision that ${name} had before the roll back is not kept any more.`);
  const change = putBack({ name, fields: inputs.fields, template }, forward, present);
  if (!change.ok) return no(`Revision ${forward.number} ${change.why}.`);

  const follows = { plan: plan.id, as: 'undo' as const };
  const { rollBack, fieldsHash: hash, diff } = change;
  return {
    plan: {
      ...plan,
      id: planId({ follows, hash, rollBack }, taken),
      follows,
      workload: targetIn(workload),
      means: ['roll-back'],
      from: workload.memory,
      to: forward.memory,
      rollBack,
      fieldsHash: hash,
      owner: workload.owner,
      diff,
      expectedEffect: `Puts the template of revision ${forward.number} back, which the roll back replaced; a rollout replaces the pods.`,
      undo: `To undo that, roll back to revision ${plan.rollBack.toRevision} again.`,
      createdAt: now,
    },
  };
}
