import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { z } from 'zod';

const exchangeSchema = z.looseObject({
  name: z.string(),
  /** RFC 3339 with ms. */
  at: z.string(),
  request: z.looseObject({
    method: z.string(),
    path: z.string(),
    headers: z.record(z.string(), z.string()).default({}),
    auth: z.string().optional(),
    body: z.unknown().optional(),
  }),
  response: z.looseObject({
    status: z.number(),
    headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
    body: z.unknown().optional(),
    lines: z.array(z.unknown()).optional(),
    openMs: z.number().optional(),
  }),
});
/** One request to a real API server and its answer. */
export type Exchange = z.infer<typeof exchangeSchema>;

const folder = fileURLToPath(new URL('../../recordings/transcripts/', import.meta.url));

/** Exchanges of one transcript file in their recorded order. */
export function readTranscript(file: string, from = folder): readonly Exchange[] {
  const entries = z
    .array(z.looseObject({ request: z.unknown().optional() }))
    .parse(JSON.parse(readFileSync(`${from}/${file}.json`, 'utf8')));
  return z.array(exchangeSchema).parse(entries.filter((entry) => entry.request !== undefined));
}
