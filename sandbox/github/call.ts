import { isObject, type JsonObject } from '../slack/json.ts';
import type { Accounts, Caller } from './accounts.ts';
import { invalidRequest } from './api-error.ts';
import type { Actor, GithubState, Repository } from './github-state.ts';
import type { RateLimits } from './rate-limits.ts';

/** One request that was understood and is allowed. */
export interface Call {
  readonly state: GithubState;
  readonly accounts: Accounts;
  readonly limits: RateLimits;
  readonly caller: Caller;
  /** What the path names. */
  readonly parameter: (name: string) => string;
  readonly query: URLSearchParams;
  readonly body: JsonObject;
  /** The API's own address as this caller uses it, without a slash at its end. */
  readonly api: string;
  /** The address of the pages for people, without a slash at its end. */
  readonly html: string;
  /** Media type that was asked for. */
  readonly accept: string;
}

export interface RepositoryCall extends Call {
  readonly repository: Repository;
  /** Whoever calls, as the author of what is made. */
  readonly actor: Actor;
}

export interface Answer {
  readonly status: number;
  readonly json?: unknown;
  /** Instead of JSON: the bytes themselves. */
  readonly raw?: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

export const ok = (json: unknown): Answer => ({ status: 200, json });
export const created = (json: unknown): Answer => ({ status: 201, json });

/** A string of the body that has to be there. @throws ApiError 422 */
export function needText(body: JsonObject, name: string): string {
  const value = body[name];
  if (typeof value === 'string') return value;
  if (value === undefined) throw invalidRequest(`"${name}" wasn't supplied.`);
  throw invalidRequest(`For 'properties/${name}', ${shown(value)} is not a string.`);
}

/** A string of the body that may be missing. @throws ApiError 422 where it is something else */
export function textIn(body: JsonObject, name: string): string | undefined {
  return body[name] === undefined ? undefined : needText(body, name);
}

export function flagIn(body: JsonObject, name: string): boolean | undefined {
  const value = body[name];
  if (value === undefined || typeof value === 'boolean') return value;
  throw invalidRequest(`For 'properties/${name}', ${shown(value)} is not a boolean.`);
}

/** A list of strings; empty where it is missing. @throws ApiError 422 where it is something else */
export function textsIn(body: JsonObject, name: string): readonly string[] {
  const value = body[name] ?? [];
  if (!Array.isArray(value)) throw invalidRequest(`For 'properties/${name}', ${shown(value)} is not an array.`);
  const items: readonly unknown[] = value;
  return items.map((item) => {
    if (typeof item === 'string') return item;
    throw invalidRequest(`For 'items', ${shown(item)} is not a string.`);
  });
}

export function objectIn(body: JsonObject, name: string): JsonObject | undefined {
  const value = body[name];
  if (value === undefined || isObject(value)) return value;
  throw invalidRequest(`For 'properties/${name}', ${shown(value)} is not an object.`);
}

/** One page of a list, with the `link` header by which octokit finds the others. */
export function pageOf({ api, query }: Call, path: string, all: readonly unknown[]): Answer {
  const size = Math.min(Math.max(1, Number(query.get('per_page') ?? 30) || 30), 100);
  const page = Math.max(1, Number(query.get('page') ?? 1) || 1);
  const last = Math.max(1, Math.ceil(all.length / size));
  const link = (to: number, rel: string): string => {
    const search = new URLSearchParams(query);
    search.set('page', String(to));
    return `<${api}${path}?${search.toString()}>; rel="${rel}"`;
  };
  const links = [
    ...(page > 1 ? [link(page - 1, 'prev'), link(1, 'first')] : []),
    ...(page < last ? [link(page + 1, 'next'), link(last, 'last')] : []),
  ];
  return {
    status: 200,
    json: all.slice((page - 1) * size, page * size),
    headers: links.length === 0 ? {} : { link: links.join(', ') },
  };
}

function shown(value: unknown): string {
  return value === null ? 'nil' : JSON.stringify(value);
}
