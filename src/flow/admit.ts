import { judgeSuspect } from '../core/diagnose/judge-suspect.ts';
import type { Kill } from '../core/kill/kill.ts';
import type { Admission } from './needs.ts';
import type { WorkerNeeds } from './worker-needs.ts';

/**
 * Lets a kill in: once per fingerprint, into the open incident of its subject or a new one. A suspect gets in only if
 * the evidence makes it a memory kill; otherwise it is kept for whoever asks. Throws what the store throws: the job is
 * then tried again.
 */
export async function admitKill(kill: Kill, needs: WorkerNeeds): Promise<Admission | { readonly is: 'suspect' }> {
  const { store, hints, reader, policy, log } = needs;
  if (kill.suspect) {
    const judgement = judgeSuspect(kill, await reader.findings(kill, [kill]));
    log('info', 'suspect judged', { fingerprint: kill.fingerprint, pod: kill.pod, ...judgement });
    if (judgement.is === 'undecided') {
      await store.keepSuspect(kill, judgement.why);
      return { is: 'suspect' };
    }
  }
  const admission = await store.admit({ ...kill, suspect: false }, policy.mode);
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
