import { withNumber } from '../../core/kill/child-number.ts';
import type { Kill } from '../../core/kill/kill.ts';
import type { Admission, Store } from '../needs.ts';

/**
 * Lets a kill in under the number that it has in its container's `run` (core/kill/child-number.ts): a message of the
 * kernel the next one, a mark on a later exit the first. One that is told again, or again after a worker died in
 * between, has the number that it had.
 */
export async function admitChild(
  kill: Kill,
  run: string,
  { store, admit }: { readonly store: Pick<Store, 'childRuns'>; readonly admit: (kill: Kill) => Promise<Admission> },
): Promise<Admission> {
  const nth = kill.victim === undefined ? 1 : await store.childRuns.numberOf(run, kill.fingerprint);
  return admit(withNumber(kill, run, nth));
}
