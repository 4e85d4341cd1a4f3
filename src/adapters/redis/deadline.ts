import { Failure } from '../../core/failure.ts';

/**
 * Waits for `work` at most `ms`. What comes later is ignored, an error too.
 * @throws Failure('redis-unreachable', backoff) when the time is over
 */
export async function withDeadline<T>(work: Promise<T>, ms: number): Promise<T> {
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(
    () =>
      over.reject(
        new Failure('redis-unreachable', `Redis did not answer within ${ms} ms; see that it runs`, {
          retry: 'backoff',
        }),
      ),
    ms,
  );
  try {
    return await Promise.race([work, over.promise]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
