import { Failure } from '../../../../core/failure.ts';
import type { AnswerEnd } from '../../transport/answer-end.ts';
import type { Transport } from '../../transport/transport.ts';

/** The kubelet keeps at most 10 MiB of a container's log before it rotates it; more than that is not read. */
const mostBytes = 16 * 1024 * 1024;

/**
 * The newest `keepBytes` of what the API server answers to a question for a log. NOTE: not by `limitBytes`, which keeps
 * the *oldest* bytes of the tail and so loses the last words.
 * @throws Failure `log-slow`, with `slow` where there was no answer in time, and what the transport throws
 */
export async function readLogEnd(
  transport: Transport,
  path: string,
  { keepBytes, deadlineMs, slow }: { readonly keepBytes: number; readonly deadlineMs: number; readonly slow: string },
): Promise<AnswerEnd> {
  try {
    return await transport.end({ path, accept: '*/*', deadlineMs, mostBytes }, keepBytes);
  } catch (cause) {
    const words = cause instanceof Failure ? reasons[cause.code]?.(slow) : undefined;
    throw words === undefined ? cause : new Failure('log-slow', words, { retry: 'backoff', cause });
  }
}

const reasons: Readonly<Record<string, (slow: string) => string>> = {
  'cluster-slow': (slow) => slow,
  'cluster-answer-long': () => `the log is longer than ${mostBytes / 1024 / 1024} MiB, so its end was not read`,
};
