import { judgeSuspect } from '../core/diagnose/judge-suspect.ts';
import { numberedRun, withNumber } from '../core/kill/child-number.ts';
import type { Kill } from '../core/kill/kill.ts';
import { mostCrashes, notJudged } from '../core/incident/set-aside.ts';
import { findNodeOom } from './find-node-oom.ts';
import type { Admission, Store } from './needs.ts';
import type { WorkerNeeds } from './worker-needs.ts';

export type Admitted =
  | Admission
  /** It looked like a memory kill and turned out not to be one. */
  | { readonly is: 'not-memory' }
  /** Undecided; `unread` if evidence that would decide could not be read, and may be later. */
  | { readonly is: 'suspect'; readonly unread: boolean };

/**
 * Admits a kill, once per fingerprint, to the open incident of its subject or a new one. A suspect is admitted only if
 * the evidence shows a memory kill; otherwise it is kept for people who ask, and so is one with which so many processes
 * ended that it may be what ends them. Throws what the store throws; the job is
 * then retried.
 */
export async function admitKill(kill: Kill, needs: WorkerNeeds, ends = 0): Promise<Admitted> {
  const { store, reader, log } = needs;
  if (kill.suspect) {
    if (isWeak(kill) && !(await store.hasOpen(kill.subject))) return { is: 'not-memory' };
    if (await store.isAdmitted(kill.fingerprint)) return { is: 'known' };
    if (ends >= mostCrashes) {
      log('error', 'suspect not judged', { fingerprint: kill.fingerprint, pod: kill.pod, ends });
      await store.keepSuspect(kill, notJudged);
      return { is: 'suspect', unread: false };
    }
    const judgement = judgeSuspect(kill, await reader.findings(kill, [kill], await findNodeOom(kill, store)));
    log('info', 'suspect judged', { fingerprint: kill.fingerprint, pod: kill.pod, ...judgement });
    if (judgement.is === 'not-memory') return { is: 'not-memory' };
    if (judgement.is === 'undecided') {
      await store.keepSuspect(kill, judgement.why);
      return { is: 'suspect', unread: judgement.unread };
    }
  }
  const sure = { ...kill, suspect: false };
  return admitSure(await numbered(sure, store), needs);
}

/**
 * Gives a kill of a single process its number in the container's run: a kernel message takes the next one, `OOMKilled`
 * on a later exit the first. A kill that comes again keeps its number.
 */
async function numbered(kill: Kill, { childRuns }: Pick<Store, 'childRuns'>): Promise<Kill> {
  const run = numberedRun(kill);
  if (run === null) return kill;
  const nth = kill.victim === undefined ? 1 : await childRuns.numberOf(run, kill.fingerprint);
  return withNumber(kill, run, nth);
}

/** For kills that need no decision. */
export async function admitSure(kill: Kill, { store, hints, policy, log }: WorkerNeeds): Promise<Admission> {
  const admission = await store.admit(kill, policy.mode);
  if (admission.is !== 'known') {
    log('info', 'kill admitted', {
      admission: admission.is,
      incident: admission.incident,
      pod: kill.pod,
      container: kill.subject.container,
    });
    await Promise.all([hints.show(admission.incident), hints.advance(admission.incident)]);
  }
  return admission;
}

/** Nearly every failure ends like this, so it is checked only if the workload already has an incident. */
function isWeak({ kind, exitCode }: Kill): boolean {
  return kind === 'self' && (exitCode === 1 || exitCode === 2);
}
