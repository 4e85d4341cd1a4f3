/**
 * Resolves when `work` has ended, or after `ms` if that is sooner: then it goes on by itself, and what it throws later
 * goes to `onLate`. What it throws in time is thrown.
 */
export async function noLongerThan(
  ms: number,
  work: Promise<unknown>,
  onLate: (error: unknown) => void,
): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    resolve();
  }, ms);
  const told = work.catch((error: unknown) => {
    if (!isOver) throw error;
    onLate(error);
  });
  try {
    await Promise.race([told, over]);
  } finally {
    clearTimeout(timer);
  }
}
