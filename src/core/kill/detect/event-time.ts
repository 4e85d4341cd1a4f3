import type { JsonRecord } from '../json-read.ts';
import { record, timeMs, whole } from '../json-read.ts';

/**
 * When an Event last happened, ms UTC. Repeated Events are counted in one object, so the first time says nothing about
 * the last.
 */
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

/** How often it happened until `eventTimeMs`, and since when; `firstMs` is null for an Event that happened once. */
export function eventCount(event: JsonRecord): { readonly count: number; readonly firstMs: number | null } {
  const count =
    whole(event['count']) ?? whole(event['deprecatedCount']) ?? whole(record(event['series'])['count']) ?? 1;
  const first =
    timeMs(event['firstTimestamp']) ?? timeMs(event['deprecatedFirstTimestamp']) ?? timeMs(event['eventTime']);
  return { count, firstMs: count > 1 ? first : null };
}
