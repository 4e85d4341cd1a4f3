import type { Trigger } from '../kill/trigger.ts';
import type { Recommendation } from '../recommend/recommendation.ts';
import type { PlanInputs } from './plan-inputs.ts';
import type { Means, Plan } from './plan.ts';
import type { Source } from './source.ts';

export interface PlanRequest {
  readonly recommendation: Recommendation;
  readonly trigger: Trigger;
  readonly inputs: PlanInputs;
  /** ms UTC */
  readonly now: number;
  /** Ids of plans that may be proposed again although they have ended, with another id. */
  readonly spent: ReadonlySet<string>;
  /** Means that did nothing here, or that were undone by others: they come back only if there is nothing else. */
  readonly useless?: readonly Means[];
  /** The workload's source file, or why it cannot be used; null if none is named. */
  readonly source: Source | { readonly problem: string } | null;
}

/** A plan, or why there is none; null where nothing was wanted. */
export type Made = Plan | { readonly noPlan: string | null };
