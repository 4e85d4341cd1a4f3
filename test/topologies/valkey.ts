import { z } from 'zod';

const valkeySchema = z.union([
  z.strictObject({ command: z.string(), libraryPath: z.string().exactOptional() }),
  /** Why there is none. */
  z.string(),
]);

/** What `npm test` has found, or why it has found none. */
export function valkeyHere(): z.infer<typeof valkeySchema> {
  const found = process.env['OOMKEEPER_TEST_VALKEY'];
  return found === undefined ? 'nobody looked for it' : valkeySchema.parse(JSON.parse(found));
}
