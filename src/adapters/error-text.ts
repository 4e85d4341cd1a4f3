/** An error is a sentence; what else a proxy writes of one is of no use. */
const mostBytes = 64 * 1024;

/** The beginning of an answer that is an error; the rest is not read. */
export async function errorTextOf(answer: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > mostBytes) break;
  }
  return Buffer.concat(chunks).toString('utf8', 0, mostBytes);
}
