import type { JsonObject } from './json.ts';

export interface LogEntry {
  readonly seq: number;
  /** ms UTC. */
  readonly at: number;
  readonly kind: 'api' | 'socket-out' | 'socket-in' | 'response-url' | 'http-out' | 'upload';
  readonly method?: string | undefined;
  readonly channel?: string | undefined;
  readonly ts?: string | undefined;
  readonly ok: boolean;
  readonly error?: string | undefined;
  readonly body?: unknown;
}

/** One accepted `chat.postMessage`: the truth that faults and benchmarks count. */
export interface PostedMessage {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs?: string | undefined;
  readonly metadata?: JsonObject | undefined;
  /** ms UTC. */
  readonly at: number;
  /** ms of the sandbox clock's monotonic time when it was accepted. */
  readonly acceptedAt: number;
}

export interface RequestLog {
  readonly add: (entry: Omit<LogEntry, 'seq' | 'at'>) => void;
  /** The newest entries, oldest first. */
  readonly entries: () => readonly LogEntry[];
}

const entriesKept = 20_000;

/** Bounded log of everything that went over the wire. `now` is ms UTC. */
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
