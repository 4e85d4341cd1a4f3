import { appendFile, readFile } from 'node:fs/promises';
import { deserialize, serialize } from 'node:v8';
import { join } from 'node:path';
import { z } from 'zod';

/*
 * Inputs that were wrong once, a line each: the target's name and the input, as base64 of V8's serialization (an input may
 * hold what JSON does not, such as bytes), with its beginning in words for whoever reads the file.
 */
const entrySchema = z.looseObject({ target: z.string(), input: z.base64() });
const file = join(import.meta.dirname, 'corpus/found.ndjson');

export async function readCorpus(name: string): Promise<readonly unknown[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  const entries = lines.map((line) => entrySchema.parse(JSON.parse(line)));
  return entries
    .filter(({ target }) => target === name)
    .map(({ input }): unknown => deserialize(Buffer.from(input, 'base64')));
}

export async function keepInCorpus(name: string, input: unknown, why: string): Promise<void> {
  const begins = JSON.stringify(input)?.slice(0, 200) ?? '';
  const entry = { target: name, why, begins, input: serialize(input).toString('base64') };
  await appendFile(file, `${JSON.stringify(entry)}\n`);
}
