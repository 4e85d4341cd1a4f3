import { secondMs } from '../../core/units/duration.ts';
import type { ProcessContext } from '../process.ts';
import type { Refused } from './hooks-server.ts';

/** A stranger can be refused thousands of times a second, and a log line costs more than the refusal. */
const quietMs = 10 * secondMs;

/** Counts each refusal, and logs the first of a kind and then one in 10 s with how many there were since. */
export function createRefusals({ metrics, log }: Pick<ProcessContext, 'metrics' | 'log'>) {
  const kinds = new Map<string, { loggedAt: number; since: number }>();
  return ({ path, status, reason }: Refused, error?: unknown): void => {
    const from = path ?? 'none';
    metrics.requestsRefused.inc({ path: from, status: status === 0 ? 'none' : String(status) });
    const kind = `${from} ${reason}`;
    const { loggedAt, since } = kinds.get(kind) ?? { loggedAt: -Infinity, since: 0 };
    const at = performance.now();
    if (at - loggedAt < quietMs) {
      kinds.set(kind, { loggedAt, since: since + 1 });
      return;
    }
    kinds.set(kind, { loggedAt: at, since: 0 });
    log.warn({ path, status, reason, moreBefore: since, ...(error === undefined ? {} : { error }) }, 'request refused');
  };
}
