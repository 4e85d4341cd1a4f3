import type { IncomingMessage } from 'node:http';

/**
 * Passes on the bytes of an answer as they come and waits where `take` returns a promise, even if the connection breaks
 * meanwhile: what was taken is settled before the end is reported. Resolves with that; rejects with
 * what `take` throws, and then the connection is gone. Not by `for await`, which costs a watch of
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
  let taking: Promise<void> = Promise.resolve();
  const over = (how: 'ended' | 'broken'): void => {
    taking.then(() => resolve(how), fail);
  };
  body.on('data', (chunk: Buffer) => {
    try {
      const taken = take(chunk);
      if (taken === null) return;
      body.pause();
      taking = taken;
      taken.then(() => body.resume(), fail);
    } catch (error) {
      fail(error);
    }
  });
  body.on('end', () => over('ended'));
  body.on('error', () => over('broken'));
  body.on('close', () => over('broken'));
  return promise;
}
