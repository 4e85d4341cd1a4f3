import type { JsonObject } from './json.ts';
import type { Log } from './log.ts';

/** Slack's "no": answered as `{ok: false, error: code, …extra}`. */
export class Refusal extends Error {
  readonly code: string;
  readonly extra: JsonObject;

  constructor(code: string, extra: JsonObject = {}) {
    super(code);
    this.name = 'Refusal';
    this.code = code;
    this.extra = extra;
  }

  /** A refusal with details, in the shape of Slack's `invalid_blocks` and `invalid_arguments`. */
  static because(code: string, reasons: readonly string[]): Refusal {
    return new Refusal(code, {
      errors: reasons,
      response_metadata: { messages: reasons.map((reason) => `[ERROR] ${reason}`) },
    });
  }
}

/** Types and properties that Slack knows and this one does not are refused as Slack refuses nonsense: the log tells them. */
export function logUncovered(log: Log, { extra: { errors } }: Refusal): void {
  const uncovered = (Array.isArray(errors) ? errors : []).filter(
    (error) => typeof error === 'string' && /^(?:unsupported type|invalid additional property): /.test(error),
  );
  if (uncovered.length > 0) log.error({ uncovered }, 'this Slack does not cover these blocks');
}
