import type { IncomingMessage } from 'node:http';

/** The newest part of an answer, and how long all of it was. */
export interface AnswerEnd {
  readonly status: number;
  readonly body: string;
  readonly bytes: number;
}

/**
 * The newest `keepBytes` of an answer. However long it is, only about twice as much is held. `onBytes` is told after each
 * part how much has come.
 */
export async function endOf(
  response: IncomingMessage,
  keepBytes: number,
  onBytes: (bytes: number) => void,
): Promise<AnswerEnd> {
  let chunks: Buffer[] = [];
  let held = 0;
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    held += chunk.length;
    bytes += chunk.length;
    onBytes(bytes);
    if (held <= 2 * keepBytes) continue;
    chunks = [Buffer.concat(chunks).subarray(-keepBytes)];
    held = keepBytes;
  }
  const body = Buffer.concat(chunks).subarray(-keepBytes).toString('utf8');
  return { status: response.statusCode ?? 0, body, bytes };
}
