import { badRequest, forbiddenField, internalError, invalid } from '../server/api-error.ts';
import type { Cause } from '../server/api-error.ts';
import type { ApiResource } from '../server/coverage.ts';
import { fieldMatcher, labelMatcher } from './selectors.ts';
import type { Matcher } from './selectors.ts';

/** The checked query of a list or a watch. */
export interface ListOptions {
  readonly matches: Matcher;
  readonly selective: boolean;
  readonly limit: number | undefined;
  readonly continueToken: string | undefined;
  /** As asked: undefined when absent or empty. */
  readonly resourceVersion: number | undefined;
  readonly match: 'Exact' | 'NotOlderThan' | undefined;
  readonly timeoutSeconds: number | undefined;
  readonly bookmarks: boolean;
  readonly initialEvents: boolean | undefined;
}

/** Reads and checks the query of a list or a watch. Throws 400, 422 or (watch only, as recorded) 500. */
export function parseListOptions(resource: ApiResource, query: URLSearchParams, watch: boolean): ListOptions {
  const labels = query.get('labelSelector') ?? '';
  const fields = query.get('fieldSelector') ?? '';
  const byLabel = labelMatcher(labels);
  const byField = fieldMatcher(resource, fields);
  const match = query.get('resourceVersionMatch') ?? '';
  const initial = query.get('sendInitialEvents');
  const causes = matchCauses(watch, match, query.get('resourceVersion') ?? '', initial);
  if (causes.length > 0) throw invalid('ListOptions', 'meta.k8s.io', '', causes);
  const limit = numberIn(query, 'limit');
  const continueToken = query.get('continue') ?? '';
  return {
    matches: (object) => byLabel(object) && byField(object),
    selective: labels !== '' || fields !== '',
    limit: limit === undefined || limit <= 0 ? undefined : limit,
    continueToken: continueToken === '' ? undefined : continueToken,
    resourceVersion: resourceVersionIn(query, watch),
    match: match === 'Exact' || match === 'NotOlderThan' ? match : undefined,
    timeoutSeconds: numberIn(query, 'timeoutSeconds'),
    bookmarks: isTrue(query.get('allowWatchBookmarks')),
    initialEvents: initial === null ? undefined : isTrue(initial),
  };
}

export function isTrue(value: string | null): boolean {
  return value === 'true' || value === '1';
}

function matchCauses(watch: boolean, match: string, version: string, initial: string | null): readonly Cause[] {
  const causes: Cause[] = [];
  const forbid = (field: string, why: string): void => {
    causes.push(forbiddenField(field, why));
  };
  if (watch && initial === null && match !== '') {
    forbid('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
  }
  if (watch && initial !== null && match !== 'NotOlderThan') {
    forbid('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  }
  if (!watch && match !== '' && version === '') {
    forbid('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided');
  }
  if (!watch && initial !== null) forbid('sendInitialEvents', 'sendInitialEvents is forbidden for list');
  return causes;
}

function resourceVersionIn(query: URLSearchParams, watch: boolean): number | undefined {
  const text = query.get('resourceVersion') ?? '';
  if (text === '') return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const why = `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`;
  throw watch ? internalError(why) : badRequest(`invalid resource version: ${why}`);
}

function numberIn(query: URLSearchParams, key: string): number | undefined {
  const text = query.get(key) ?? '';
  if (text === '') return undefined;
  if (!/^[+-]?\d+$/.test(text)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return Number(text);
}
