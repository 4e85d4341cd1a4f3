/** When trying the same thing again can help. */
export type Retry = 'never' | 'backoff' | { readonly afterMs: number };

/**
 * The one error class. `code` is a kebab-case word that code may switch on, `message` a sentence for a person (what
 * happened and what to do), `retry` tells callers whether to try again. Adapters translate their vendor's errors
 * into it once; the vendor's error is kept as `cause`.
 */
export class Failure extends Error {
  readonly code: string;
  readonly retry: Retry;

  constructor(code: string, message: string, options: { retry?: Retry; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Failure';
    this.code = code;
    this.retry = options.retry ?? 'never';
  }
}
