import type { JsonRecord } from '../../kill/json-read.ts';
import { fieldsHash, rollBackFields } from '../fields-hash.ts';
import type { PlanInputs, Revision } from '../plan-inputs.ts';
import type { Plan } from '../plan.ts';
import { mayRollBack } from './may-roll-back.ts';

/** The workload as it is now: what people call it, its fields for the hash, and its whole template. */
export interface PresentTemplate extends Pick<PlanInputs, 'fields'> {
  readonly name: string;
  readonly template: JsonRecord;
}

export type PutBack =
  | ({ readonly ok: true; readonly rollBack: NonNullable<Plan['rollBack']> } & Pick<Plan, 'fieldsHash' | 'diff'>)
  /** `why` is the end of a sentence that begins with the revision. */
  | { readonly ok: false; readonly why: string };

/**
 * What it changes to put a kept revision in the place of the present one, bound to the hashes of both templates: nothing
 * else is ever written for it. Pure.
 */
export function putBack({ name, fields, template }: PresentTemplate, back: Revision, present: Revision): PutBack {
  const may = mayRollBack(template, back.template);
  if (!may.ok) return may;
  return {
    ok: true,
    rollBack: {
      toRevision: back.number,
      hash: back.hash,
      template: {
        replicaSet: back.replicaSet,
        hash: fieldsHash(back.template),
        replaces: fieldsHash(template),
        changes: may.lines.length,
      },
    },
    fieldsHash: fieldsHash(rollBackFields(fields, present.number)),
    diff: [`${name}: revision ${present.number} -> the template of revision ${back.number}`, ...may.lines].join('\n'),
  };
}
