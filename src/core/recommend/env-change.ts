import { z } from 'zod';
import { wordsOf } from '../diagnose/runtimes/words.ts';

/**
 * One word that takes the place of another, is added at the end (`from` null) or goes (`to` empty). Only heap flags, never
 * a secret.
 */
const wordChangeSchema = z.strictObject({ from: z.string().nullable(), to: z.string() });
export type WordChange = z.infer<typeof wordChangeSchema>;

const wordsSchema = z.strictObject({
  name: z.string(),
  words: z.array(wordChangeSchema).min(1),
  /** Whether the variable has other words, which stay. */
  others: z.boolean(),
});

/** What documents held before: the whole value, with whatever secrets stand in it. Null = not set. */
const valuesSchema = z.strictObject({ name: z.string(), from: z.string().nullable(), to: z.string() });

/**
 * The words of an environment variable that change. The rest of its value may hold secrets
 * (`-Djavax.net.ssl.keyStorePassword=…`): it is neither stored nor shown, and what is written keeps it as it stands
 * where it is written.
 */
export const envChangeSchema = z.union([wordsSchema, valuesSchema.transform(wordsOfValues)]);
export type EnvChange = z.infer<typeof wordsSchema>;

/** Whether the variable has no value before the change. */
export function isNewVariable({ words, others }: EnvChange): boolean {
  return !others && words.every(({ from }) => from === null);
}

/** What takes a change back: every word is what it was, and what was added goes. */
export function reversed({ name, words, others }: EnvChange): EnvChange {
  return { name, others, words: words.toReversed().map(({ from, to }) => ({ from: to, to: from ?? '' })) };
}

/** Whether nothing of the variable is left after the change. */
export function isRemoval({ words, others }: EnvChange): boolean {
  return !others && words.every(({ to }) => to === '');
}

function wordsOfValues({ name, from, to }: z.infer<typeof valuesSchema>): EnvChange {
  const [was, is] = [wordsOf(from ?? ''), wordsOf(to)];
  const [before, after] = [new Set(was), new Set(is)];
  const gone = was.filter((word) => !after.has(word));
  const added = is.filter((word) => !before.has(word));
  const words =
    gone.length === added.length
      ? added.map((word, index) => ({ from: gone[index] ?? null, to: word }))
      : [{ from: gone.length === 0 ? null : gone.join(' '), to: added.join(' ') }];
  return { name, words, others: was.some((word) => after.has(word)) };
}
