import type { IncomingMessage } from 'node:http';
import type { World } from './web-api/method.ts';
import type { RequestLog } from './request-log.ts';

/** An answer that is still to be written. */
export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const largestUpload = 64 * 1024 * 1024;

/** Takes the body of `POST /upload/v1/TOKEN`: the bytes as they are. */
export async function takeUpload(
  world: World,
  requests: RequestLog,
  token: string,
  request: IncomingMessage,
): Promise<Reply> {
  const bytes = await readBytes(request);
  const outcome = bytes === undefined ? 'no_file' : world.files.put(token, bytes);
  const ok = outcome === 'stored';
  requests.add({
    kind: 'upload',
    method: 'upload',
    ok,
    error: ok ? undefined : outcome,
    body: { bytes: bytes?.length ?? 0 },
  });
  return {
    status: ok ? 200 : outcome === 'unknown_upload' ? 404 : 400,
    contentType: 'text/plain; charset=utf-8',
    body: ok ? `OK - ${bytes?.length}` : outcome,
  };
}

async function readBytes(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size <= largestUpload) chunks.push(chunk);
  }
  return size > largestUpload ? undefined : new Uint8Array(Buffer.concat(chunks));
}
