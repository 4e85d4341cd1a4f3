import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';

/** The text of a file of a recording, which may be packed (`NAME.gz`); null where neither is there. */
export async function readRecordedFile(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text !== null) return text;
  const packed = await readFile(`${path}.gz`).catch(() => null);
  return packed === null ? null : gunzipSync(packed).toString('utf8');
}
