import type { FaultKind } from './faults.ts';

/** One request as it came in; tokens are never kept. */
export interface LogEntry {
  readonly seq: number;
  /** ms UTC. */
  readonly at: number;
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

export interface RequestLog {
  readonly add: (entry: Omit<LogEntry, 'seq' | 'at'>) => void;
  /** The newest entries, oldest first. */
  readonly entries: () => readonly LogEntry[];
}

const entriesKept = 10_000;

/** Bounded log of every request. `now` is ms UTC. */
export function createRequestLog(now: () => number): RequestLog {
  let entries: LogEntry[] = [];
  let seq = 0;
  return {
    add: (entry) => {
      seq += 1;
      entries.push({ seq, at: now(), ...entry });
      if (entries.length > 2 * entriesKept) entries = entries.slice(-entriesKept);
    },
    entries: () => entries.slice(-entriesKept),
  };
}
