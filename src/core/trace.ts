import type { Trigger } from './kill/trigger.ts';

/** Attributes are named by OpenTelemetry's semantic conventions, our own `oomkeeper.…`. Never a secret, never what a log says. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A piece of work of which a trace tells. */
export interface Work {
  /** One of few, without names of objects. */
  readonly name: string;
  readonly kind?: 'client' | 'producer' | 'consumer';
  /** Whose trace it belongs to; without it it is part of the work that is going on, and told of only where that is. */
  readonly of?: Trigger;
  /** ms UTC; now where it is absent. */
  readonly startedAt?: number;
  readonly attributes?: SpanAttributes;
}

/** The work that is going on, for what is known of it only at its end, and for whoever goes on with it elsewhere. */
export interface Span {
  readonly note: (attributes: SpanAttributes) => void;
  /** The trigger with the context of this work, as it travels and is stored; unchanged where traces are off. */
  readonly carriedBy: <T extends Trigger>(trigger: T) => T;
}

/** Does work, and tells of it where traces are on. Throws what the work throws, and nothing else. */
export type Trace = <T>(work: Work, run: (span: Span) => Promise<T>) => Promise<T>;

const nothing: Span = { note: () => undefined, carriedBy: (trigger) => trigger };

/** Where traces are off. */
export const untraced: Trace = (_work, run) => run(nothing);
