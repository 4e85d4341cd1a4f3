import type { Trace } from '../../../core/trace.ts';
import { untraced } from '../../../core/trace.ts';

export interface Tracing {
  readonly trace: Trace;
  /** `call`, belonging to the work that is going on now, whoever calls it and whenever. */
  readonly bind: <Args extends unknown[], T>(call: (...args: Args) => T) => (...args: Args) => T;
  /** Sends what is left, for at most two seconds. Never throws. */
  readonly stop: () => Promise<void>;
}

export interface TracingOptions {
  /** What traces are shown by, unless OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES says something else. */
  readonly serviceName: string;
  readonly log: {
    readonly info: (fields: object, message: string) => void;
    readonly warn: (fields: object, message: string) => void;
  };
}

export const noTracing: Tracing = { trace: untraced, bind: (call) => call, stop: async () => undefined };
