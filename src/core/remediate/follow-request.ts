import type { PlanInputs } from './plan-inputs.ts';
import type { Means, Plan } from './plan.ts';

/*
 * A plan that is about one that was carried out, made of the live objects when somebody asks for it:
 *
 *   undo             what was written goes back to what it was before, by the same means: in the pods or the template
 *                    (follow-plan.ts), to the revision before a roll back (roll-back/undo-roll-back.ts), by another pull
 *                    request (undo-pull-request.ts)
 *   make-permanent   what only the running pods have is written into the pod template
 *
 * All are refused where somebody else has changed the same fields since: then nobody knows any more what is meant.
 */
export interface FollowRequest {
  readonly plan: Plan;
  /** By which of its means it was carried out. */
  readonly means: Means;
  readonly inputs: PlanInputs;
  /** Ids that the incident's plans have already. */
  readonly taken: ReadonlySet<string>;
  /** ms UTC */
  readonly now: number;
}

/** `problem` is a whole sentence that says what is there instead, and what to do. */
export type Followed = { readonly plan: Plan } | { readonly problem: string };
