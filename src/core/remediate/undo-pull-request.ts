import { reversed } from '../recommend/env-change.ts';
import { formatBytes, parseBytes } from '../units/quantity.ts';
import type { FileValues } from './edit/manifest-edit.ts';
import type { Followed, FollowRequest } from './follow-request.ts';
import { fieldsHash } from './fields-hash.ts';
import { planId } from './plan-id.ts';
import { targetIn } from './plan.ts';
import type { Drift, Memory, Plan } from './plan.ts';
import { formatSource } from './source.ts';

/** What the forge shows of the file, and what an undo makes of it. */
export interface FileUndone {
  readonly diff: string;
  readonly hash: string;
  readonly drift: readonly Drift[];
  readonly restores: FileValues;
}

export interface UndoPullRequest extends Omit<FollowRequest, 'means'> {
  /** The plan whose pull request was merged: `plan` itself, or the one that made it permanent. */
  readonly merged: Plan;
  readonly pullRequest: number;
  readonly file: FileUndone;
}

/** What the file says again, as a plan has it: what the merged one left alone is left alone. */
export function restoredMemory({ to }: Plan, { limit, request }: FileValues): Memory {
  return { limitBytes: bytesOf(limit), requestBytes: to.requestBytes === null ? null : bytesOf(request) };
}

/** A pull request that takes another one back, line by line. Nothing of the cluster is written. */
export function undoPullRequest(request: UndoPullRequest): Followed {
  const { plan, merged, pullRequest, file, inputs, taken, now } = request;
  const { workload } = inputs;
  const to = restoredMemory(merged, file.restores);
  const no = (why: string): Followed => ({ problem: `${why} Nothing changed. ${revertWords(pullRequest)}` });
  if (merged.source === null || workload === null || workload.uid !== merged.workload?.uid)
    return no('The workload was deleted or replaced, so whether an undo works could not be seen.');
  // Without a limit in the template the pods may get one from elsewhere, and nobody could tell when that is in force.
  if (to.limitBytes === null)
    return no('The file set no memory limit before, so whether an undo works cannot be seen.');
  const follows = { plan: plan.id, as: 'undo' as const };
  const name = `${workload.kind} ${workload.name}`;
  const then = workload.kind === 'CronJob' ? `the next run of ${name}` : `a rollout of ${name}`;
  return {
    plan: {
      ...merged,
      id: planId({ follows, pullRequest, hash: file.hash }, taken),
      follows,
      workload: targetIn(workload),
      means: ['pull-request'],
      from: merged.to,
      to,
      env: merged.env.map(reversed),
      fileHash: file.hash,
      drift: [...file.drift],
      fieldsHash: fieldsHash(inputs.fields),
      owner: workload.owner,
      diff: file.diff,
      expectedEffect: `A pull request for ${formatSource(merged.source)} that takes back #${pullRequest}: once it is merged and synced, ${then} has ${formatBytes(to.limitBytes)} again.`,
      undo: 'To undo that, revert this pull request.',
      createdAt: now,
    },
  };
}

export function revertWords(pullRequest: number): string {
  return `To undo it, revert pull request #${pullRequest} where it was merged.`;
}

function bytesOf(quantity: string | null): number | null {
  try {
    return quantity === null ? null : parseBytes(quantity);
  } catch {
    return null;
  }
}
