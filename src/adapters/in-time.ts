/**
 * The result of `work`, or after `ms` the result of `late`, whichever comes first. What becomes of `work` later is
 * ignored, an error too.
 * NOTE: `AbortSignal.timeout` would leave its timer behind: for each kill that is queued 1.4 KB for ten seconds.
 */
export async function inTime<T, L>(work: Promise<T>, ms: number, late: () => L): Promise<T | L> {
  const over = Promise.withResolvers<null>();
  const timer = setTimeout(() => over.resolve(null), ms);
  try {
    const first = await Promise.race([work.then((value) => ({ value })), over.promise]);
    return first === null ? late() : first.value;
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
