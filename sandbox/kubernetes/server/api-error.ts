import type { ApiResource } from './coverage.ts';
import type { JsonObject } from '../objects/object-store.ts';

/** One entry of `details.causes`. */
export interface Cause {
  readonly reason: string;
  readonly message?: string;
  readonly field?: string;
}

/** What the server refuses, with the `Status` object (or the plain text) that it answers. */
export class ApiError extends Error {
  readonly code: number;
  readonly body: JsonObject | string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: number, body: JsonObject | string, headers: Readonly<Record<string, string>> = {}) {
    super(typeof body === 'string' ? body : String(body['message']));
    this.code = code;
    this.body = body;
    this.headers = headers;
  }
}

interface StatusParts {
  readonly code: number;
  readonly message: string;
  readonly reason?: string;
  readonly details?: JsonObject;
  readonly continueToken?: string;
}

/** A `Status` of kind Failure with the keys in the API server's order. */
function failure(parts: StatusParts, headers: Readonly<Record<string, string>> = {}): ApiError {
  const { code, message, reason, details, continueToken } = parts;
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: continueToken === undefined ? {} : { continue: continueToken },
    status: 'Failure',
    message,
    ...(reason === undefined ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  };
  return new ApiError(code, body, headers);
}

/** `pods`, `deployments.apps`. */
function qualified(name: string, group: string): string {
  return group === '' ? name : `${name}.${group}`;
}

function detailsOf(name: string | undefined, group: string, kind: string): JsonObject {
  return { ...(name === undefined ? {} : { name }), ...(group === '' ? {} : { group }), kind };
}

const byAuthorization = { 'X-Content-Type-Options': 'nosniff' };

export const badRequest = (message: string): ApiError => failure({ code: 400, message, reason: 'BadRequest' });

export const unauthorized = (): ApiError => failure({ code: 401, message: 'Unauthorized', reason: 'Unauthorized' });

export const forbiddenPath = (user: string, path: string): ApiError =>
  failure(
    { code: 403, message: `forbidden: User "${user}" cannot get path "${path}"`, reason: 'Forbidden', details: {} },
    byAuthorization,
  );

/** Forbidden by authorization, or with causes by admission. */
export function forbidden(
  resource: { readonly name: string; readonly group: string },
  name: string | undefined,
  why: string,
  causes?: readonly Cause[],
): ApiError {
  const what = qualified(resource.name, resource.group);
  return failure(
    {
      code: 403,
      message: `${what}${name === undefined ? '' : ` "${name}"`} is forbidden: ${why}`,
      reason: 'Forbidden',
      details: {
        ...detailsOf(name, resource.group, resource.name),
        ...((causes ?? []).length === 0 ? {} : { causes }),
      },
    },
    causes === undefined ? byAuthorization : {},
  );
}

export const notFound = (resource: ApiResource, name: string): ApiError =>
  failure({
    code: 404,
    message: `${qualified(resource.name, resource.group)} "${name}" not found`,
    reason: 'NotFound',
    details: detailsOf(name, resource.group, resource.name),
  });

export const alreadyExists = (resource: ApiResource, name: string): ApiError =>
  failure({
    code: 409,
    message: `${qualified(resource.name, resource.group)} "${name}" already exists`,
    reason: 'AlreadyExists',
    details: detailsOf(name, resource.group, resource.name),
  });

/** What the aggregator says of an API that was never installed. */
export const unknownPath = (): ApiError => new ApiError(404, '404 page not found\n');

/** What the aggregator says for an API server behind it that is away. */
export const serviceUnavailable = (): ApiError => new ApiError(503, 'service unavailable\n');

export const conflict = ({ name: what, group }: ApiResource, name: string, why: string): ApiError =>
  failure({
    code: 409,
    message: `Operation cannot be fulfilled on ${qualified(what, group)} "${name}": ${why}`,
    reason: 'Conflict',
    details: detailsOf(name, group, what),
  });

export const expired = (message: string, continueToken?: string): ApiError =>
  failure({
    code: 410,
    message,
    reason: 'Expired',
    ...(continueToken === undefined ? {} : { continueToken }),
  });

/** 422 without any cause: what a JSON patch that cannot be applied gets. */
export const unprocessablePatch = (): ApiError =>
  failure({
    code: 422,
    message: 'the server rejected our request due to an error in our request',
    reason: 'Invalid',
    details: {},
  });

/** 422 with causes. The message names each cause once, the causes may repeat, as on a real API server. */
export function invalid(kind: string, group: string, name: string, causes: readonly Cause[]): ApiError {
  const parts = [...new Set(causes.map((cause) => `${cause.field ?? ''}: ${cause.message ?? ''}`))];
  const list = parts.length === 1 ? (parts[0] ?? '') : `[${parts.join(', ')}]`;
  return failure({
    code: 422,
    message: `${qualified(kind, group)} "${name}" is invalid: ${list}`,
    reason: 'Invalid',
    details: { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind, causes },
  });
}

/** What a server that does not serve streaming lists says to the query of one. */
export const noStreamingLists = (): ApiError =>
  invalid('ListOptions', 'meta.k8s.io', '', [
    forbiddenField(
      'sendInitialEvents',
      'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled',
    ),
  ]);

export const internalError = (message: string): ApiError => failure({ code: 500, message });

/** What this simulator does not cover: never silence. */
export const notCovered = (what: string): ApiError =>
  failure({ code: 501, message: `the simulator does not cover ${what}`, reason: 'NotImplemented' });

export const required = (field: string): Cause => ({ reason: 'FieldValueRequired', message: 'Required value', field });

export const forbiddenField = (field: string, why: string): Cause => ({
  reason: 'FieldValueForbidden',
  message: `Forbidden: ${why}`,
  field,
});

/** `value` is printed as JSON. */
export const invalidField = (field: string, value: unknown, why: string): Cause => ({
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
  field,
});
