import { Failure } from '../../core/failure.ts';
import type { Loaded, Remediation } from '../../core/incident/incident.ts';
import type { IncidentEvent } from '../../core/incident/event.ts';
import { latestTrigger } from '../../core/incident/triggers.ts';
import { driftOf, liveValues } from '../../core/remediate/drift.ts';
import type { Plan } from '../../core/remediate/plan.ts';
import type { Source } from '../../core/remediate/source.ts';
import { branchOf, renderPullRequest } from '../../core/talk/pull-request.ts';
import { again } from '../after.ts';
import type { After } from '../after.ts';
import { applyEvents } from '../apply-events.ts';
import type { PacedForge, Preview } from '../forge/needs.ts';
import type { WorkerNeeds } from '../worker-needs.ts';
import { askAgain, lapsed, mayWrite, notAllowed, waitFor } from './ask-again.ts';
import { ifStill } from './if-still.ts';
import { fileEditOf } from './undo-merged.ts';
import type { FileEdit } from './undo-merged.ts';

/**
 * Opens the pull request of a plan, or finds the one that an earlier try opened: its branch always has the same name,
 * and the forge checks before it writes. Temporary failures are retried until the timeout.
 */
export async function openPullRequest(loaded: Loaded, remediation: Remediation, needs: WorkerNeeds): Promise<After> {
  const { incident } = loaded;
  const { plan, applyingSince } = remediation;
  const at = await needs.now();
  let event: IncidentEvent;
  try {
    if (needs.forge === null || plan.source === null)
      throw new Failure(
        'no-forge',
        'no forge is configured, so there is nowhere to open it. See GITHUB_TOKEN or GITHUB_APP_ID.',
      );
    const edit = fileEditOf(incident, plan);
    const { forge } = needs;
    await refuseOtherFile(loaded, plan, plan.source, edit, { ...needs, forge });
    const { title, body } = renderPullRequest(loaded, plan, await threadOf(incident.id, needs));
    const opened = await forge.propose({
      source: plan.source,
      ...edit,
      approved: plan.fileHash ?? '',
      branch: branchOf(incident.subject, plan.follows),
      title,
      body,
      mayWrite: mayWrite(loaded, remediation, needs),
    });
    event = { type: 'pull-request-opened', plan: plan.id, at, number: opened.number, url: opened.url };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.code === notAllowed) return stopped(loaded, remediation, needs);
    needs.log('warn', 'pull request not opened', { incident: incident.id, plan: plan.id, code: error.code, error });
    const wait = typeof error.retry === 'object' ? error.retry.afterMs : needs.pace.confirmEveryMs;
    const passing = error.retry !== 'never' && at - (applyingSince ?? at) < needs.pace.confirmTimeoutMs;
    if (passing) return { again: false, until: at + wait };
    const type = error.code === 'source-changed-since' ? 'stale' : 'failed';
    event = { type, plan: plan.id, at, why: error.message };
  }
  await applyEvents(incident.id, needs, ifStill(remediation, [event]));
  return again;
}

/** A pull request is worth more than the link in it. */
async function threadOf(incident: string, { threadUrl, log }: WorkerNeeds): Promise<string | null> {
  try {
    return await threadUrl(incident);
  } catch (error) {
    log('warn', 'no link to the thread', { incident, error });
    return null;
  }
}

/** The forge has looked what an earlier try left, and would have had to write more. */
async function stopped(loaded: Loaded, remediation: Remediation, needs: WorkerNeeds): Promise<After> {
  const answer = await askAgain(loaded, remediation, needs);
  const at = await needs.now();
  if (answer.is === 'not-now') return waitFor(answer, at, needs);
  if (answer.is === 'no')
    await applyEvents(loaded.incident.id, needs, ifStill(remediation, [lapsed(remediation, answer, at)]));
  return again;
}

/**
 * The approval is for the lines that were shown, and for the differences between file and cluster that were told.
 * @throws Failure `source-changed-since` where either is another by now, so that it is proposed anew
 */
async function refuseOtherFile(
  loaded: Loaded,
  plan: Plan,
  source: Source,
  change: FileEdit,
  { forge, reader }: Needs,
): Promise<void> {
  const preview = await previewOf(forge, source, change);
  if (preview === null) return;
  const edit = change.undoes === undefined ? change.edit : { ...change.edit, to: plan.to, env: [] };
  const drift = driftOf(preview.before, liveValues(await reader.planInputs(latestTrigger(loaded))), edit);
  const news = drift.filter(({ text }) => plan.drift.every((told) => told.text !== text));
  if (preview.hash !== plan.fileHash)
    throw new Failure('source-changed-since', 'the lines that were to change in the file have changed since.');
  if (news.length > 0)
    throw new Failure(
      'source-changed-since',
      `file and cluster differ in something that was not known then. ${news.map(({ text }) => text).join(' ')}`,
    );
}

type Needs = Pick<WorkerNeeds, 'reader'> & { readonly forge: PacedForge };

/** Null after a merge that nobody has noted: there is nothing left to edit, and `propose` finds the pull request. */
async function previewOf(forge: PacedForge, source: Source, { edit, undoes }: FileEdit): Promise<Preview | null> {
  try {
    return await forge.preview(source, edit, undoes);
  } catch (error) {
    if (error instanceof Failure && error.code === 'source-nothing-to-change') return null;
    throw error;
  }
}
