import { bareOrNull } from '../../core/kill/cgroup.ts';
import type { ChildLife, ChildStep } from '../../core/kill/child/child-life.ts';
import { nameMark, nameProcess, newChildLife } from '../../core/kill/child/child-life.ts';
import { childFingerprint } from '../../core/kill/fingerprint.ts';
import type { Kill } from '../../core/kill/kill.ts';
import type { Admission, Store } from '../needs.ts';

/** Others may write at the same time, each at most a few times. */
const mostConflicts = 50;

/**
 * Lets the kill of a single process in under the number that it has in its container's life, so that a message of the
 * kernel, a counter and the mark on a later exit count it once between them. It is admitted before its number is
 * written down: if a worker dies in between, the same number is found again, and the ledger knows it.
 */
export async function tellChild(
  kill: Kill,
  { store, admit }: { readonly store: Store; readonly admit: (kill: Kill) => Promise<Admission> },
): Promise<Admission> {
  const containerId = bareOrNull(kill.containerId);
  if (containerId === null) return admit(kill);
  for (let conflicts = 0; conflicts < mostConflicts; conflicts += 1) {
    const [read] = await store.childLives.read([containerId]);
    const { life, told } = stepOf(read?.life ?? newChildLife(0), kill);
    let admission: Admission = { is: 'known' };
    for (const nth of told)
      admission = await admit({ ...kill, fingerprint: childFingerprint(kill.subject.cluster, containerId, nth) });
    if (await store.childLives.write(containerId, read?.token ?? '', life)) return admission;
  }
  return admit(kill);
}

function stepOf(life: ChildLife, { exitCode, victim, finishedAt, seenAt }: Kill): ChildStep {
  if (exitCode !== null) return nameMark(life);
  const atMs = finishedAt === null ? seenAt : Date.parse(finishedAt);
  return nameProcess(life, victim?.pid ?? -atMs, atMs);
}
