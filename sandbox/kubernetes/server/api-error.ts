import type { ApiResource } from './coverage.ts';
import type { JsonObject } from '../objects/object-store.ts';
import { quantityPattern } from '../admission/quantity.ts';

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
export function statusBody({ code, message, reason, details, continueToken }: StatusParts): JsonObject {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: continueToken === undefined ? {} : { continue: continueToken },
    status: 'Failure',
    message,
    ...(reason === undefined ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  };
}

function failure(parts: StatusParts, headers: Readonly<Record<string, string>> = {}): ApiError {
  return new ApiError(parts.code, statusBody(parts), headers);
}

/** `pods`, `deployments.apps`. */
function qualified(name: string, group: string): string {
  return group === '' ? name : `${name}.${group}`;
}

function detailsOf(name: string | undefined, group: string, kind: string): JsonObject {
  return { ...(name === undefined ? {} : { name }), ...(group === '' ? {} : { group }), kind };
}

export const badRequest = (message: string): ApiError => failure({ code: 400, message, reason: 'BadRequest' });

/** A whole object (not a patch) with a quantity that is none. */
export const unreadableQuantity = ({ kind, version }: ApiResource): ApiError =>
  badRequest(
    `${kind} in version "${version}" cannot be handled as a ${kind}: quantities must match the regular expression '${quantityPattern}'`,
  );

export const unauthorized = (): ApiError => failure({ code: 401, message: 'Unauthorized', reason: 'Unauthorized' });

export const forbiddenPath = (user: string, path: string): ApiError =>
  failure(
    { code: 403, message: `forbidden: User "${user}" cannot get path "${path}"`, reason: 'Forbidden', details: {} },
    { 'X-Content-Type-Options': 'nosniff' },
  );

/** Forbidden by authorization (`why` names the user) or by admission. */
export function forbidden(
  resource: { readonly name: string; readonly group: string },
  name: string | undefined,
  why: string,
  options: { readonly causes?: readonly Cause[]; readonly byAuthorization?: boolean } = {},
): ApiError {
  const what = qualified(resource.name, resource.group);
  return failure(
    {
      code: 403,
      message: `${what}${name === undefined ? '' : ` "${name}"`} is forbidden: ${why}`,
      reason: 'Forbidden',
      details: {
        ...detailsOf(name, resource.group, resource.name),
        ...(options.causes === undefined ? {} : { causes: options.causes }),
      },
    },
    options.byAuthorization === true ? { 'X-Content-Type-Options': 'nosniff' } : {},
  );
}

export const forbiddenInEndingNamespace = (
  resource: ApiResource,
  name: string | undefined,
  namespace: string,
): ApiError =>
  forbidden(resource, name, `unable to create new content in namespace ${namespace} because it is being terminated`, {
    causes: [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${namespace} is being terminated`,
        field: 'metadata.namespace',
      },
    ],
  });

export const notFound = (resource: ApiResource, name: string): ApiError =>
  failure({
    code: 404,
    message: `${qualified(resource.name, resource.group)} "${name}" not found`,
    reason: 'NotFound',
    details: detailsOf(name, resource.group, resource.name),
  });

export const unknownResource = (): ApiError =>
  failure({
    code: 404,
    message: 'the server could not find the requested resource',
    reason: 'NotFound',
    details: {},
  });

export const unknownPath = (): ApiError => new ApiError(404, '404 page not found\n');

/** What the aggregator says for an API server behind it that is away. */
export const serviceUnavailable = (): ApiError => new ApiError(503, 'service unavailable\n');

export const methodNotAllowed = (): ApiError =>
  failure({
    code: 405,
    message: 'the server does not allow this method on the requested resource',
    reason: 'MethodNotAllowed',
    details: {},
  });

export const notAcceptable = (message: string, details?: JsonObject): ApiError =>
  failure({ code: 406, message, reason: 'NotAcceptable', ...(details === undefined ? {} : { details }) });

export const alreadyExists = (resource: ApiResource, name: string): ApiError =>
  failure({
    code: 409,
    message: `${qualified(resource.name, resource.group)} "${name}" already exists`,
    reason: 'AlreadyExists',
    details: detailsOf(name, resource.group, resource.name),
  });

/** `what` is the plural resource for a stale version, the kind for a precondition of a deletion. */
export const conflict = (what: string, group: string, name: string, why: string): ApiError =>
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

export const tooLarge = (): ApiError =>
  failure({
    code: 413,
    message: 'Request entity too large: limit is 3145728',
    reason: 'RequestEntityTooLarge',
  });

export const unsupportedBody = (): ApiError =>
  failure({
    code: 415,
    message:
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    reason: 'UnsupportedMediaType',
  });

export const unsupportedPatch = (): ApiError =>
  failure({ code: 415, message: '415: Unsupported Media Type', reason: 'UnsupportedMediaType', details: {} });

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
    details: {
      ...(name === '' ? {} : { name }),
      ...(group === '' ? {} : { group }),
      ...(kind === '' ? {} : { kind }),
      causes,
    },
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

/** What an eviction gets that a disruption budget does not allow; without a Retry-After, as recorded. */
export const tooManyRequests = (message: string, cause: Cause): ApiError =>
  failure({ code: 429, message, reason: 'TooManyRequests', details: { causes: [cause] } });

export const internalError = (message: string): ApiError => failure({ code: 500, message });

/** What this simulator does not cover: never silence. */
export const notCovered = (what: string): ApiError =>
  failure({ code: 501, message: `the simulator does not cover ${what}`, reason: 'NotImplemented' });

export const versionTooLarge = (wanted: string, current: number): ApiError =>
  failure(
    {
      code: 504,
      message: `Timeout: Too large resource version: ${wanted}, current: ${current}`,
      reason: 'Timeout',
      details: {
        causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
        retryAfterSeconds: 1,
      },
    },
    { 'Retry-After': '1' },
  );

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
