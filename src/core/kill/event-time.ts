import type { JsonRecord } from './json-read.ts';
import { record, timeMs } from './json-read.ts';

/** When an Event happened last, ms UTC: Events are counted up, and their first time says nothing about this one. */
export function eventTimeMs(event: JsonRecord): number | null {
  return (
    timeMs(record(event['series'])['lastObservedTime']) ??
    timeMs(event['lastTimestamp']) ??
    timeMs(event['deprecatedLastTimestamp']) ??
    timeMs(event['eventTime']) ??
    timeMs(event['firstTimestamp']) ??
    timeMs(record(event['metadata'])['creationTimestamp'])
  );
}
