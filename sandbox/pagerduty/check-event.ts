import { isObject } from '../kubernetes/objects/json-value.ts';

export const actions = ['trigger', 'acknowledge', 'resolve'] as const;
export type Action = (typeof actions)[number];

const severities = ['critical', 'error', 'warning', 'info'];
const most = { dedupKey: 255, summary: 1_024 } as const;
const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)$/;
const optionalTexts = ['component', 'group', 'class'];
const known = ['routing_key', 'event_action', 'dedup_key', 'payload', 'client', 'client_url', 'links', 'images'];

/** What is wrong with an event of Events API v2, in PagerDuty's manner; nothing where it is right. */
export function problemsOf(event: Readonly<Record<string, unknown>>, routingKey: string): string[] {
  const { routing_key: key, event_action: action, dedup_key: dedupKey, payload } = event;
  return [
    ...(typeof key !== 'string' || key === '' ? ["'routing_key' is missing or blank"] : []),
    ...(typeof key === 'string' && key !== '' && key !== routingKey ? ['Invalid routing key'] : []),
    ...(isOneOf(action, actions) ? [] : ["'event_action' must be one of: trigger, acknowledge, resolve"]),
    ...(dedupKey === undefined && action !== 'trigger' ? ["'dedup_key' is missing or blank"] : []),
    ...(dedupKey !== undefined && !isText(dedupKey, most.dedupKey)
      ? [`'dedup_key' must be a text of at most ${most.dedupKey} characters`]
      : []),
    ...(action === 'trigger' ? payloadProblems(payload) : []),
    ...linkProblems(event['links']),
  ];
}

/** Fields that PagerDuty would leave aside without a word. */
export function unknownFields(event: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(event).filter((name) => !known.includes(name));
}

function payloadProblems(payload: unknown): string[] {
  if (!isObject(payload)) return ["'payload' is missing or blank"];
  const { summary, source, severity, timestamp: at, custom_details: details } = payload;
  return [
    ...(isText(summary, most.summary)
      ? []
      : [`'payload.summary' must be a text of at most ${most.summary} characters`]),
    ...(isText(source, Infinity) ? [] : ["'payload.source' is missing or blank"]),
    ...(isOneOf(severity, severities)
      ? []
      : [`'payload.severity' is invalid (must be one of: ${severities.join(', ')})`]),
    ...(at !== undefined && !(typeof at === 'string' && timestamp.test(at))
      ? ["'payload.timestamp' is not in ISO 8601"]
      : []),
    ...(details !== undefined && !isObject(details) ? ["'payload.custom_details' must be an object"] : []),
    ...optionalTexts
      .filter((name) => payload[name] !== undefined && typeof payload[name] !== 'string')
      .map((name) => `'payload.${name}' must be a text`),
  ];
}

function linkProblems(links: unknown): string[] {
  if (links === undefined) return [];
  const isRight = Array.isArray(links) && links.every((link) => isObject(link) && isText(link['href'], Infinity));
  return isRight ? [] : ["'links' must be a list of objects with 'href'"];
}

function isText(value: unknown, longest: number): boolean {
  return typeof value === 'string' && value.trim() !== '' && value.length <= longest;
}

function isOneOf(value: unknown, words: readonly string[]): boolean {
  return typeof value === 'string' && words.includes(value);
}
