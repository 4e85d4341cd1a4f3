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
    this.body = {
      message,
      ...rest,
      documentation_url: rest['documentation_url'] ?? 'https://docs.github.com/rest',
      status: String(status),
    };
    this.headers = headers;
  }
}

/** One entry of `errors` of a 422. */
export interface FieldError {
  readonly resource: string;
  readonly code: 'custom' | 'invalid' | 'missing_field' | 'missing' | 'already_exists';
  readonly field?: string;
  readonly message?: string;
}

export const notFound = (): ApiError => new ApiError(404, 'Not Found');

export const validationFailed = (...errors: readonly FieldError[]): ApiError =>
  new ApiError(422, 'Validation Failed', { errors });

/** What GitHub says of a body that is JSON and yet not what the operation takes. */
export const invalidRequest = (problem: string): ApiError => new ApiError(422, `Invalid request.\n\n${problem}`);

export const protectedBranch = (status: 409 | 422, prefix = ''): ApiError =>
  new ApiError(status, `${prefix}Changes must be made through a pull request.`, {
    documentation_url: 'https://docs.github.com/articles/about-protected-branches',
  });
