import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { truthSchema } from '../../core/evaluate/truth.ts';
import type { Truth } from '../../core/evaluate/truth.ts';
import { Failure } from '../../core/failure.ts';

/**
 * What is true of a trace; null where nobody wrote it down. Only scoring reads it, after all verdicts are there.
 * @throws Failure `bad-truth`
 */
export function readTruth(folder: string): Truth | null {
  const path = join(folder, 'truth.json');
  if (!existsSync(path)) return null;
  try {
    return truthSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new Failure('bad-truth', `${path} is not the truth of a trace, so the verdicts cannot be scored.`, { cause });
  }
}
