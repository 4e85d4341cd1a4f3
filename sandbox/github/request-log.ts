import { createNumberedLog, type Logged, type NumberedLog } from '../bounded-log.ts';
import type { FaultKind } from './faults.ts';

/** One request as it came in; tokens are never kept. */
interface RequestEntry {
  readonly method: string;
  /** Path and query, without the prefix of an Enterprise server. */
  readonly path: string;
  readonly isEnterprise: boolean;
  /** GitHub's name of the operation; undefined where it is not covered. */
  readonly operation?: string | undefined;
  readonly caller: string;
  /** Null where no answer was sent. */
  readonly status: number | null;
  readonly fault?: FaultKind | undefined;
  /** What was sent, and of a refusal what was said. */
  readonly body?: unknown;
  readonly error?: string | undefined;
}

export type LogEntry = Logged & RequestEntry;
export type RequestLog = NumberedLog<RequestEntry>;

/** Log of every request. `now` is ms UTC. */
export function createRequestLog(now: () => number): RequestLog {
  return createNumberedLog(10_000, now);
}
