import { createNumberedLog, type Logged, type NumberedLog } from '../bounded-log.ts';
import type { JsonObject } from './json.ts';

interface WireEntry {
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
  /** Monotonic real ms at which it was accepted. */
  readonly acceptedAt: number;
}

export type LogEntry = Logged & WireEntry;
export type RequestLog = NumberedLog<WireEntry>;

/** Log of everything that went over the wire. `now` is ms UTC. */
export function createRequestLog(now: () => number): RequestLog {
  return createNumberedLog(20_000, now);
}
