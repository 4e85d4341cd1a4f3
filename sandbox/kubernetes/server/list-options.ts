import { forbiddenField, invalid, notCovered } from './api-error.ts';
import { textOf } from '../objects/json-value.ts';
import type { KubeObject } from '../objects/object-store.ts';

type Matcher = (object: KubeObject) => boolean;

/** The query of a list. */
export interface ListOptions {
  readonly matches: Matcher;
  readonly selective: boolean;
  readonly limit: number | undefined;
  readonly continueToken: string | undefined;
}

/** The query of a watch: from a version, or, without one, as a streaming list. */
export interface WatchOptions {
  readonly resourceVersion: number | undefined;
  readonly timeoutSeconds: number | undefined;
  readonly bookmarks: boolean;
}

/** Reads the query of a list. Throws 501 for what Oomkeeper never asks: a certain version, other selectors. */
export function readListOptions(query: URLSearchParams): ListOptions {
  const [labels, fields] = [query.get('labelSelector') ?? '', query.get('fieldSelector') ?? ''];
  for (const key of ['resourceVersion', 'resourceVersionMatch', 'sendInitialEvents']) {
    if (query.has(key)) throw notCovered(`${key} of a list`);
  }
  const byLabel = labelMatcher(labels);
  const byField = fieldMatcher(fields);
  return {
    matches: (object) => byLabel(object) && byField(object),
    selective: labels !== '' || fields !== '',
    limit: numberIn(query, 'limit'),
    continueToken: query.get('continue') ?? undefined,
  };
}

/** Reads the query of a watch. Throws 422, and 501 for a selection or where it is not said from when on. */
export function readWatchOptions(query: URLSearchParams): WatchOptions {
  for (const key of ['labelSelector', 'fieldSelector']) {
    if (query.has(key)) throw notCovered(`${key} of a watch`);
  }
  const isStreamingList = isTrue(query.get('sendInitialEvents'));
  if (isStreamingList && query.get('resourceVersionMatch') !== 'NotOlderThan') {
    const why = 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan';
    throw invalid('ListOptions', 'meta.k8s.io', '', [forbiddenField('resourceVersionMatch', why)]);
  }
  const resourceVersion = numberIn(query, 'resourceVersion');
  if (isStreamingList === (resourceVersion !== undefined)) throw notCovered(`a watch with ${query.toString()}`);
  return {
    resourceVersion,
    timeoutSeconds: numberIn(query, 'timeoutSeconds'),
    bookmarks: isTrue(query.get('allowWatchBookmarks')),
  };
}

export function isTrue(value: string | null): boolean {
  return value === 'true' || value === '1';
}

export function numberIn(query: URLSearchParams, key: string): number | undefined {
  const text = query.get(key) ?? '';
  if (text === '') return undefined;
  if (!/^\d+$/.test(text)) throw notCovered(`${key}=${text}`);
  return Number(text);
}

function labelMatcher(selector: string): Matcher {
  const terms = termsIn(selector).map(({ key, operator, value }) => {
    if (operator !== '=') throw notCovered(`the label selector ${selector}`);
    return ({ metadata }: KubeObject): boolean => metadata.labels?.[key] === value;
  });
  return (object) => terms.every((matches) => matches(object));
}

/** The fields of pods that Oomkeeper selects by. */
const fields: Readonly<Record<string, (pod: KubeObject) => unknown>> = {
  'spec.nodeName': ({ spec }) => spec?.['nodeName'],
  'status.phase': ({ status }) => status?.['phase'],
};

function fieldMatcher(selector: string): Matcher {
  const terms = termsIn(selector).map(({ key, operator, value }) => {
    const read = fields[key];
    if (read === undefined) throw notCovered(`the field selector ${selector}`);
    return (object: KubeObject): boolean => ((textOf(read(object)) ?? '') === value) === (operator === '=');
  });
  return (object) => terms.every((matches) => matches(object));
}

function termsIn(
  selector: string,
): readonly { readonly key: string; readonly operator: string; readonly value: string }[] {
  if (selector === '') return [];
  return selector.split(',').map((term) => {
    const {
      key,
      operator = '',
      value = '',
    } = /^(?<key>[\w./-]+)(?<operator>!?=)(?<value>[\w.-]*)$/.exec(term)?.groups ?? {};
    if (key === undefined) throw notCovered(`the selector ${selector}`);
    return { key, operator, value };
  });
}
