import { isObject } from '../kubernetes/objects/json-value.ts';
import type { GivenAlert } from './alert-store.ts';

/** RFC 3339 as Go reads it. */
const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** `shape`: the body is not what the API describes (422); `invalid`: an alert breaks a rule (400). */
export type ReadAlert =
  | { readonly is: 'alert'; readonly alert: GivenAlert }
  | { readonly is: 'shape' | 'invalid'; readonly why: string };

/** One alert of a POST, as Alertmanager reads it. `now`, `resolveTimeoutMs`: ms. */
export function readAlert(given: unknown, now: number, resolveTimeoutMs: number): ReadAlert {
  if (!isObject(given)) return { is: 'shape', why: 'an alert must be an object' };
  const { labels, annotations = {}, startsAt, endsAt, generatorURL = '' } = given;
  if (!isTexts(labels)) return { is: 'shape', why: 'labels in body is required, and a map of texts' };
  if (!isTexts(annotations)) return { is: 'shape', why: 'annotations in body must be a map of texts' };
  for (const time of [startsAt, endsAt])
    if (time !== undefined && !(typeof time === 'string' && dateTime.test(time)))
      return { is: 'shape', why: 'startsAt and endsAt in body must be of type date-time' };
  if (typeof generatorURL !== 'string' || (generatorURL !== '' && !URL.canParse(generatorURL)))
    return { is: 'shape', why: 'generatorURL in body must be of type uri' };
  const start = timeOf(startsAt);
  const end = timeOf(endsAt);
  const alert = {
    labels: filled(labels),
    annotations: filled(annotations),
    startsAt: start ?? (end === null ? now : Math.min(now, end)),
    endsAt: end ?? now + resolveTimeoutMs,
    generatorURL,
  };
  const why = brokenRule(alert);
  return why === null ? { is: 'alert', alert } : { is: 'invalid', why };
}

function brokenRule({ labels, annotations, startsAt, endsAt }: GivenAlert): string | null {
  if (endsAt < startsAt) return 'start time must be before end time';
  if (Object.keys(labels).length === 0) return 'at least one label pair required';
  const wrong = [...Object.keys(labels), ...Object.keys(annotations)].find((name) => !labelName.test(name));
  if (wrong !== undefined) return `invalid label set: invalid name "${wrong}"`;
  return [labels, annotations].some((texts) => Object.values(texts).some((text) => !text.isWellFormed()))
    ? 'invalid label set: invalid value'
    : null;
}

function timeOf(text: unknown): number | null {
  return typeof text === 'string' ? Date.parse(text) : null;
}

/** An empty label is no label. */
function filled(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ''));
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  return isObject(value) && Object.values(value).every((text) => typeof text === 'string');
}
