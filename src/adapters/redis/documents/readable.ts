import { Failure } from '../../../core/failure.ts';
import type { Skipped } from '../../../flow/needs.ts';

/** Codes of what is stored and cannot be read: all else goes on without it, and it is named. */
const unreadable = new Set(['bad-document', 'newer-document', 'older-document', 'other-cluster']);

/** What `read` answers, or null where that cannot be read, which `skipped` is told. Other failures are thrown. */
export async function unlessUnreadable<T>(
  name: string,
  read: () => T | Promise<T>,
  skipped: Skipped,
): Promise<T | null> {
  try {
    return await read();
  } catch (failure) {
    if (!(failure instanceof Failure) || !unreadable.has(failure.code)) throw failure;
    skipped(name, failure);
    return null;
  }
}

/** Each that can be read, by name and in their order; null counts as absent. */
export async function eachReadable<T>(
  all: readonly string[],
  read: (name: string, at: number) => T | Promise<T>,
  skipped: Skipped,
): Promise<readonly NonNullable<T>[]> {
  const found = await Promise.all(all.map((name, at) => unlessUnreadable(name, () => read(name, at), skipped)));
  return found.filter((one): one is NonNullable<Awaited<T>> => one !== null && one !== undefined);
}

/** What `read` answers or throws. Of what a newer version has stored `told` hears, since whoever asked tries again. */
export async function tellingOfNewer<T>(name: string, read: () => T | Promise<T>, told: Skipped): Promise<T> {
  try {
    return await read();
  } catch (failure) {
    if (failure instanceof Failure && failure.code === 'newer-document') told(name, failure);
    throw failure;
  }
}
