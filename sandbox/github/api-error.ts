import type { JsonObject } from '../slack/json.ts';

/** An answer that is a refusal, in the shape and the words of GitHub. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: JsonObject;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, rest: JsonObject = {}, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.body = { message, documentation_url: 'https://docs.github.com/rest', ...rest, status: String(status) };
    this.headers = headers;
  }
}

/** One entry of `errors` of a 422. */
export interface FieldError {
  readonly resource: string;
  readonly code: 'custom' | 'invalid' | 'missing_field';
  readonly field?: string;
  readonly message?: string;
}

export const notFound = (): ApiError => new ApiError(404, 'Not Found');

export const validationFailed = (...errors: readonly FieldError[]): ApiError =>
  new ApiError(422, 'Validation Failed', { errors });

/** What GitHub says of a body that is JSON and yet not what the operation takes. */
export const invalidRequest = (problem: string): ApiError => new ApiError(422, `Invalid request.\n\n${problem}`);

/** GitHub would do it and this one does not: answered 501, with a line in the log. */
export class NotCovered extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'NotCovered';
  }
}
