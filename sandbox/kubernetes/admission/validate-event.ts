import { badRequest, invalidField, required } from '../server/api-error.ts';
import type { Cause } from '../server/api-error.ts';
import { objectOf, textOf } from '../objects/json-value.ts';
import type { JsonObject } from '../objects/object-store.ts';

const microTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}(?:Z|[+-]\d{2}:\d{2})$/;
const longestMessage = 1024;

/** Times of a core/v1 Event: `eventTime` must have exactly six digits (400), the others lose their fraction. */
export function readEventTimes(event: JsonObject): void {
  const eventTime = textOf(event['eventTime']);
  if (eventTime !== undefined && !microTime.test(eventTime)) throw badTime(eventTime);
  for (const key of ['firstTimestamp', 'lastTimestamp']) {
    const time = textOf(event[key]);
    if (time !== undefined) event[key] = time.replace(/\.\d+(?=Z|[+-])/, '');
  }
}

function badTime(time: string): Error {
  const fraction = /\.\d+.*$/.exec(time)?.[0];
  const why = fraction === undefined ? `cannot parse "${time}" as "2006"` : `cannot parse "${fraction}" as ".000000"`;
  return badRequest(
    `Event in version "v1" cannot be handled as a Event: parsing time "${time}" as "2006-01-02T15:04:05.000000Z07:00": ${why}`,
  );
}

/** What a real API server finds wrong with a new core/v1 Event. */
export function validateEvent(event: JsonObject, namespace: string): readonly Cause[] {
  const involved = textOf(objectOf(event['involvedObject'])['namespace']) ?? '';
  if (involved !== namespace && !(involved === '' && namespace === 'default')) {
    return [invalidField('involvedObject.namespace', involved, 'does not match event.namespace')];
  }
  if (textOf(event['eventTime']) === undefined) return [];
  const missing = ['reportingInstance', 'action'].filter((key) => (textOf(event[key]) ?? '') === '').map(required);
  const long = (textOf(event['message']) ?? '').length > longestMessage;
  return long ? [...missing, invalidField('message', '', `can have at most ${longestMessage} characters`)] : missing;
}
