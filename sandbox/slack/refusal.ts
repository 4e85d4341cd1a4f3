import type { JsonObject } from './json.ts';

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
