import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';

const largestBody = 3 * 1024 * 1024;

/** The body as text; undefined when it is above the limit of 3 MiB. */
export async function readRequestBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= largestBody) chunks.push(chunk);
  });
  await once(request, 'end');
  return size > largestBody ? undefined : Buffer.concat(chunks).toString();
}
