import type { IncomingMessage } from 'node:http';

/**
 * Hands out the bytes of an answer as they come, and waits where `take` returns a promise. Resolves with how it was
 * over; rejects with what `take` throws, and then the connection is gone. Not by `for await`, which costs a watch of
 * many small chunks more than all of the screening: a copy and some turns of the event loop for each.
 */
export function readBody(
  body: IncomingMessage,
  take: (chunk: Buffer) => Promise<void> | null,
): Promise<'ended' | 'broken'> {
  const { promise, resolve, reject } = Promise.withResolvers<'ended' | 'broken'>();
  const fail = (error: unknown): void => {
    reject(error instanceof Error ? error : new Error(String(error)));
    body.destroy();
  };
  body.on('data', (chunk: Buffer) => {
    try {
      const taken = take(chunk);
      if (taken === null) return;
      body.pause();
      taken.then(() => body.resume(), fail);
    } catch (error) {
      fail(error);
    }
  });
  body.on('end', () => resolve('ended'));
  body.on('error', () => resolve('broken'));
  body.on('close', () => resolve('broken'));
  return promise;
}
