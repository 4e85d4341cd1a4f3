import { Failure } from '../../core/failure.ts';
import { mergedFor } from '../../core/incident/follow-up.ts';
import type { Incident, Loaded } from '../../core/incident/incident.ts';
import { driftOf, liveValues } from '../../core/remediate/drift.ts';
import { editOf } from '../../core/remediate/edit/edit-of.ts';
import type { ManifestEdit, MergedEdit } from '../../core/remediate/edit/manifest-edit.ts';
import type { Followed, FollowRequest } from '../../core/remediate/follow-request.ts';
import type { Plan } from '../../core/remediate/plan.ts';
import { restoredMemory, revertWords, undoPullRequest } from '../../core/remediate/undo-pull-request.ts';
import type { WorkerNeeds } from '../worker-needs.ts';

/** What a pull request's plan does to its file: an edit, or the undo of the one that another pull request made. */
export interface FileEdit {
  readonly edit: ManifestEdit;
  readonly undoes?: MergedEdit;
}

/** @throws Failure `source-changed-since` where what it undoes is not known any more */
export function fileEditOf(incident: Incident, plan: Plan): FileEdit {
  if (plan.follows?.as !== 'undo') return { edit: editOf(plan, incident.subject) };
  const merged = mergedEditOf(incident, plan.follows.plan);
  if (merged === null)
    throw new Failure('source-changed-since', 'the pull request that it undoes is not known any more.');
  return merged;
}

/** What a pull request that was merged did for a plan; null where that is not known (any more). */
function mergedEditOf(incident: Incident, plan: string): (Required<FileEdit> & { readonly merged: Plan }) | null {
  const found = mergedFor(incident, plan);
  if (found === null || found.pullRequest === null || found.plan.fileHash === null) return null;
  const undoes = { pullRequest: found.pullRequest.number, approved: found.plan.fileHash };
  return { merged: found.plan, edit: editOf(found.plan, incident.subject), undoes };
}

/** The plan of a pull request that takes back a merged one, if its lines are still as that one left them. */
export async function undoMerged(asked: FollowRequest, { incident }: Loaded, needs: WorkerNeeds): Promise<Followed> {
  const { plan, inputs } = asked;
  const known = mergedEditOf(incident, plan.id);
  const source = known?.merged.source ?? null;
  if (known === null || source === null)
    return { problem: `Its pull request is not known any more. Nothing changed. ${plan.undo}` };
  const { merged, edit, undoes } = known;
  const { pullRequest } = undoes;
  const no = (why: string): Followed => ({ problem: `${why} Nothing changed. ${revertWords(pullRequest)}` });
  if (needs.forge === null) return no('No forge is configured here any more.');
  try {
    const { diff, hash, before, restores } = await needs.forge.preview(source, edit, undoes);
    if (restores === undefined) return no('What the file was before cannot be read any more.');
    const drift = driftOf(before, liveValues(inputs), { ...edit, to: restoredMemory(merged, restores), env: [] });
    const file = { diff, hash, drift, restores };
    return undoPullRequest({ ...asked, merged, pullRequest, file });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    needs.log('warn', 'pull request not undone', { incident: incident.id, plan: plan.id, code: error.code, error });
    return no(error.message);
  }
}
