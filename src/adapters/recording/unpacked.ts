import { createGunzip } from 'node:zlib';

const GZIP = Buffer.from([0x1f, 0x8b]);

/**
 * The bytes as they were before somebody compressed them; what is no gzip comes as it is. All that can be unpacked of a
 * file that was cut off comes first.
 * @throws Error when the file ends early or is damaged.
 */
export async function* unpacked(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<Buffer> {
  let gunzip: Gunzip | null = null;
  let isFirst = true;
  for await (const data of chunks) {
    const chunk =
      typeof data === 'string' ? Buffer.from(data) : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    if (isFirst && chunk.subarray(0, GZIP.length).equals(GZIP)) gunzip = createChunkGunzip();
    isFirst &&= chunk.length === 0;
    if (gunzip === null) yield chunk;
    else yield* gunzip.take(chunk);
  }
  if (gunzip !== null) yield* gunzip.take(null);
}

interface Gunzip {
  /** What this chunk gives, null being the end. */
  readonly take: (chunk: Buffer | null) => AsyncGenerator<Buffer>;
}

/** One chunk at a time. NOTE: a stream that is read with `for await` loses what it holds when it fails. */
function createChunkGunzip(): Gunzip {
  const gunzip = createGunzip();
  let out: Buffer[] = [];
  let failure: Error | null = null;
  /** NOTE: a write that fails is not answered; the stream is closed. */
  let closed = (): void => undefined;
  gunzip.on('data', (chunk: Buffer) => out.push(chunk));
  gunzip.on('error', (error) => (failure = error));
  gunzip.on('close', () => closed());

  const work = (chunk: Buffer | null): Promise<void> =>
    new Promise((resolve) => {
      closed = resolve;
      if (chunk === null) gunzip.end();
      else gunzip.write(chunk, () => resolve());
    });

  return {
    take: async function* take(chunk) {
      // What follows the end of the last member is none of it.
      if (!gunzip.destroyed) await work(chunk);
      const found = out;
      out = [];
      yield* found;
      if (failure !== null) throw failure;
    },
  };
}
