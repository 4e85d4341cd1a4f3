import type { JsonObject } from '../../slack/json.ts';
import { invalidRequest } from '../api-error.ts';
import type { Actor, GithubState, Repository } from '../github-state.ts';
import type { Accounts, Caller } from './accounts.ts';

/** One request that was understood and is allowed. */
export interface Call {
  readonly state: GithubState;
  readonly accounts: Accounts;
  readonly caller: Caller;
  /** What the path names. */
  readonly parameter: (name: string) => string;
  readonly query: URLSearchParams;
  readonly body: JsonObject;
  /** The address of the pages for people, without a slash at its end. */
  readonly html: string;
}

export interface RepositoryCall extends Call {
  readonly repository: Repository;
  /** Whoever calls, as the author of what is made. */
  readonly actor: Actor;
}

export interface Answer {
  readonly status: number;
  readonly json: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Handler = (call: RepositoryCall) => Answer;

export const ok = (json: unknown): Answer => ({ status: 200, json });
export const created = (json: unknown): Answer => ({ status: 201, json });

/** A string of the body that has to be there. @throws ApiError 422 */
export function needText(body: JsonObject, name: string): string {
  const value = body[name];
  if (typeof value === 'string') return value;
  throw invalidRequest(value === undefined ? `"${name}" wasn't supplied.` : wrong(name, value, 'a string'));
}

/** A string of the body that may be missing. @throws ApiError 422 where it is something else */
export function textIn(body: JsonObject, name: string): string | undefined {
  return body[name] === undefined ? undefined : needText(body, name);
}

/** A list of strings; empty where it is missing. @throws ApiError 422 where it is something else */
export function textsIn(body: JsonObject, name: string): readonly string[] {
  const value: unknown = body[name] ?? [];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw invalidRequest(wrong(name, value, 'an array of strings'));
}

function wrong(name: string, value: unknown, form: string): string {
  return `For 'properties/${name}', ${value === null ? 'nil' : JSON.stringify(value)} is not ${form}.`;
}
