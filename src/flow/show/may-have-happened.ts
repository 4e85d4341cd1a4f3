import { Failure } from '../../core/failure.ts';

const unclearCodes: readonly string[] = ['slack-timeout', 'slack-server-error'];

/** Whether a call that failed may have happened all the same: then look before doing it again. */
export function mayHaveHappened(failure: unknown): boolean {
  return !(failure instanceof Failure) || unclearCodes.includes(failure.code);
}
