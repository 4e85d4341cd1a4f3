import type { Findings } from '../evidence/evidence.ts';
import type { Kill } from '../kill/kill.ts';
import { cut } from '../units/text-bounds.ts';

/**
 * `not-memory`: decided, it was not about memory. `unread`: what would decide could not be read, which is not the same as
 * that it is not there.
 */
export type Judgement =
  | { readonly is: 'kill' | 'not-memory'; readonly why: string }
  | { readonly is: 'undecided'; readonly unread: boolean; readonly why: string };

/** What runtimes write when they exit on their own (recorded: Node 24, OpenJDK 17, CPython). */
const words: readonly RegExp[] = [
  /heap out of memory|Reached heap limit|Allocation failed - /i,
  /java[./]lang[./]OutOfMemoryError/,
  /fatal error: (?:runtime: )?(?:out of memory|cannot allocate memory)|runtime: out of memory/,
  // Also NumPy's `_ArrayMemoryError` and Ruby's `NoMemoryError`; an OutOfMemoryError in Python is about GPU memory.
  /(?<!OutOf)MemoryError\b/,
  /std::bad_alloc|memory allocation of \d+ bytes failed/,
  /OutOfMemoryException|Out of memory\./,
];

/** Whether a runtime exited because it was out of memory; only its own last lines can show that. */
export function judgeSelf(
  { exitCode, message }: Pick<Kill, 'exitCode' | 'message'>,
  { log }: Pick<Findings, 'log'>,
): Judgement {
  // With terminationMessagePolicy FallbackToLogsOnError the status has the end of the log, also of a pod that is gone.
  const lines = [...(log.found ? log.value.lines : []), ...(message?.split('\n') ?? [])];
  const line = lines.find((one) => words.some((word) => word.test(one)));
  if (line !== undefined) return { is: 'kill', why: `it gave up on its own: "${cut(line.trim(), 120)}"` };
  if (!log.found)
    return { is: 'undecided', unread: true, why: `its log could not be read, and only that tells: ${log.reason}` };
  return { is: 'not-memory', why: `it ended with exit code ${exitCode ?? ''}, and its log does not speak of memory` };
}
