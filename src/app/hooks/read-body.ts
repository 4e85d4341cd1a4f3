import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerBounds } from '../bounded-server.ts';

/** Why there is no body: longer than one may be, more than all may be together, or its sender went away. */
export type NoBody = 'too-long' | 'no-room' | 'gone';

export interface Bodies {
  /** A body as it came, to the byte, since signatures are over bytes. It counts as held until the answer is sent. */
  readonly read: (request: IncomingMessage, response: ServerResponse) => Promise<Buffer | NoBody>;
  /** Bytes that all bodies hold now. */
  readonly held: () => number;
}

interface Body {
  bytes: Buffer;
  length: number;
  readonly giveWay: () => void;
}

const firstBytes = 4 * 1024;

/**
 * Reads bodies within two bounds. When all together reach theirs, the longest that is still being read gives way: a
 * click of some kB gets through while strangers fill the rest with as much as one body may have.
 */
export function createBodies({ bodyBytes, heldBytes }: Pick<ServerBounds, 'bodyBytes' | 'heldBytes'>): Bodies {
  const unfinished = new Set<Body>();
  let held = 0;

  /** One is enough: no body holds more than the one that holds most. */
  function makeRoom(): void {
    if (held <= heldBytes) return;
    const [longest] = [...unfinished].toSorted((one, other) => other.bytes.length - one.bytes.length);
    longest?.giveWay();
  }

  function read(request: IncomingMessage, response: ServerResponse): Promise<Buffer | NoBody> {
    if (Number(request.headers['content-length'] ?? 0) > bodyBytes) return Promise.resolve('too-long');
    return new Promise((resolve) => {
      const body: Body = { bytes: Buffer.alloc(0), length: 0, giveWay: () => end('no-room') };
      unfinished.add(body);

      function release(): void {
        held -= body.bytes.length;
        body.bytes = Buffer.alloc(0);
      }
      function end(result: Buffer | NoBody): void {
        if (!unfinished.delete(body)) return;
        request.off('data', take);
        if (typeof result === 'string') release();
        else response.once('close', release);
        resolve(result);
      }
      function take(chunk: Buffer): void {
        const length = body.length + chunk.length;
        if (length > bodyBytes) return end('too-long');
        if (length > body.bytes.length) {
          // NOTE: one buffer that grows, not a list: a body that comes byte by byte would be a list of millions.
          const grown = Buffer.alloc(Math.min(bodyBytes, Math.max(firstBytes, 2 * body.bytes.length, length)));
          body.bytes.copy(grown);
          held += grown.length - body.bytes.length;
          body.bytes = grown;
        }
        chunk.copy(body.bytes, body.length);
        body.length = length;
        makeRoom();
      }
      request.on('data', take);
      request.once('end', () => end(body.bytes.subarray(0, body.length)));
      request.once('error', () => end('gone'));
      request.once('close', () => end('gone'));
    });
  }

  return { read, held: () => held };
}
