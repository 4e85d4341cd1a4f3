import { judgeSuspect } from '../core/diagnose/judge-suspect.ts';
import { numberedRun, withNumber } from '../core/kill/child-number.ts';
import type { Kill } from '../core/kill/kill.ts';
import { findNodeOom } from './find-node-oom.ts';
import type { Admission, Store } from './needs.ts';
import type { WorkerNeeds } from './worker-needs.ts';

/** `not-memory`: what looked like one was looked at, and is none. */
export type Admitted = Admission | { readonly is: 'suspect' | 'not-memory' };

/**
 * Lets a kill in: once per fingerprint, into the open incident of its subject or a new one. A suspect gets in only if
 * the evidence makes it a memory kill; otherwise it is kept for whoever asks. Throws what the store throws: the job is
 * then tried again.
 */
export async function admitKill(kill: Kill, needs: WorkerNeeds): Promise<Admitted> {
  const { store, reader, log } = needs;
  if (kill.suspect) {
    if (isWeak(kill) && !(await store.hasOpen(kill.subject))) return { is: 'not-memory' };
    if (await store.isAdmitted(kill.fingerprint)) return { is: 'known' };
    const judgement = judgeSuspect(kill, await reader.findings(kill, [kill], await findNodeOom(kill, store)));
    log('info', 'suspect judged', { fingerprint: kill.fingerprint, pod: kill.pod, ...judgement });
    if (judgement.is === 'not-memory') return { is: 'not-memory' };
    if (judgement.is === 'undecided') {
      await store.keepSuspect(kill, judgement.why);
      return { is: 'suspect' };
    }
  }
  const sure = { ...kill, suspect: false };
  return admitSure(await numbered(sure, store), needs);
}

/**
 * A kill of a single process with the number that it has in its container's run: a message of the kernel has the next
 * one, a mark on a later exit the first. A kill that comes again has the number that it had.
 */
async function numbered(kill: Kill, { childRuns }: Pick<Store, 'childRuns'>): Promise<Kill> {
  const run = numberedRun(kill);
  if (run === null) return kill;
  const nth = kill.victim === undefined ? 1 : await childRuns.numberOf(run, kill.fingerprint);
  return withNumber(kill, run, nth);
}

/** For kills that nothing has to decide about. */
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

/** Nearly every failure ends so: it is looked at only where memory is a subject already. */
function isWeak({ kind, exitCode }: Kill): boolean {
  return kind === 'self' && (exitCode === 1 || exitCode === 2);
}
